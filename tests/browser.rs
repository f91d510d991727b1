//! The built page in headless Chromium. `cargo xtask test` serves it and sets `DRYDOCK_URL`; alone, this file
//! has no page to open and says so.
// Tests may ask the machine's clock and environment.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]
#![cfg(not(target_arch = "wasm32"))]

use base64::Engine;
use drydock_lesson::{Act, Lesson, Player, pack};
use drydock_tests::webdriver::{Browser, ENTER};
use serde_json::json;
use std::path::Path;

/// A fresh page in a window of this size, in a language.
fn open(width: u32, height: u32, lang: &str) -> Option<Browser> {
    let Ok(url) = std::env::var("DRYDOCK_URL") else {
        println!("SKIPPED: DRYDOCK_URL is not set; run `cargo xtask test`");
        return None;
    };
    let page = Browser::start();
    page.resize(width, height);
    page.goto(&url);
    page.eval(&format!("localStorage.clear(); localStorage.setItem('drydock.settings', JSON.stringify({{lang: '{lang}', theme: 'light'}}))"));
    page.goto(&url);
    // On a phone the terminal lies behind a tab: its text is there, if not in sight.
    page.wait_for(
        "return !!document.querySelector('#prompt') && document.body.textContent.includes('learner@dock')",
    );
    Some(page)
}

fn run(page: &Browser, line: &str) {
    page.wait_for("const p = document.querySelector('#prompt'); return !!p && !p.disabled && !p.readOnly");
    page.eval("document.querySelector('#prompt').focus()");
    page.send_keys("#prompt", &format!("{line}{ENTER}"));
}

/// Plays one lesson as its solutions have it.
fn play(page: &Browser, lesson: &Lesson) {
    for (at, step) in lesson.steps.iter().enumerate() {
        for task in &step.tasks {
            for act in &task.solution {
                match act {
                    Act::Sh(line) | Act::Fails(line) => run(page, line),
                    Act::Advance(_) => {}
                    Act::Write { path, from } => {
                        let text = base64::engine::general_purpose::STANDARD.encode(&lesson.files[from]);
                        run(page, &format!("echo {text} | base64 -d > {path}"));
                    }
                    other => panic!("{}: the browser test cannot play {other:?}", task.id),
                }
            }
            page.wait_for(&format!(
                "return document.querySelector('[data-task={}]')?.dataset.state === 'done'",
                task.id
            ));
        }
        for quiz in &step.quiz {
            let css = format!("[data-quiz={}] input[value={}]", quiz.id, quiz.answer);
            page.eval(&format!("document.querySelector('{css}').click()"));
        }
        if at + 1 < lesson.steps.len() {
            page.wait_for("const b = document.querySelector('#next-step'); return !!b && !b.disabled");
            page.eval("document.querySelector('#next-step').click()");
        }
    }
}

fn all_lessons(lang: &str) {
    let Some(page) = open(1440, 900, lang) else { return };
    let course =
        pack::course(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../lessons")).expect("lessons can be read");
    page.eval("document.querySelector('[data-speed=\"16\"]').click()");
    for (at, lesson) in course.lessons.iter().enumerate() {
        let title = lesson.text[lang].title.clone();
        page.wait_text("#lesson", &title);
        play(&page, Player::new(lesson, 1).0.lesson());
        let png = std::fs::read(page.screenshot(&format!("{lang}-{}", lesson.id))).expect("a screenshot");
        assert!(png.starts_with(b"\x89PNG"));
        if at + 1 < course.lessons.len() {
            page.wait_for("return !!document.querySelector('#next-lesson')");
            page.eval("document.querySelector('#next-lesson').click()");
        }
    }
}

#[test]
fn all_lessons_can_be_played_in_english() {
    all_lessons("en");
}

#[test]
fn all_lessons_can_be_played_in_korean() {
    all_lessons("ko");
}

#[test]
fn a_first_visitor_sees_a_living_cluster() {
    let Some(page) = open(1440, 900, "en") else { return };
    page.wait_for("return document.querySelectorAll('#map [data-pod]').length >= 3");
    // A figure for `drydock bench page`; from a warm browser cache, no time is asserted.
    let ready = page.eval("const p = performance.getEntriesByName('drydock-ready')[0]; return p ? p.startTime : performance.now()");
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/page-ready-ms");
    std::fs::write(target, ready.to_string()).expect("target can be written");
    println!("page open to prompt: {ready} ms");
    assert!(page.text("#lesson").contains("first pod"), "{}", page.text("#lesson"));
    // No dialog stands in the way.
    assert_eq!(page.eval("return document.querySelectorAll('dialog[open], [aria-modal=true]').length"), 0);
}

#[test]
fn a_reload_loses_nothing() {
    let Some(page) = open(1440, 900, "en") else { return };
    run(&page, "kubectl create configmap kept --from-literal=a=b");
    page.wait_text("#transcript", "configmap/kept created");
    run(&page, "echo remembered > note.txt");
    page.wait_for("return document.querySelector('#transcript').textContent.includes('note.txt')");
    page.goto(&std::env::var("DRYDOCK_URL").expect("set above"));
    page.wait_text("#terminal", "learner@dock");
    run(&page, "kubectl get configmap kept -o jsonpath='{.data.a}'; cat note.txt");
    page.wait_text("#transcript", "bremembered");
}

#[test]
fn a_link_opens_a_session_beside_ones_own() {
    let Some(page) = open(1440, 900, "en") else { return };
    run(&page, "kubectl create configmap given --from-literal=a=b");
    page.wait_text("#transcript", "configmap/given created");
    page.click("#share");
    page.wait_for("return (document.querySelector('#share-link')?.value || '').includes('#s=')");
    page.screenshot("share");
    let link = page.eval("return document.querySelector('#share-link').value");
    run(&page, "kubectl create configmap mine --from-literal=a=b");
    page.wait_text("#transcript", "configmap/mine created");
    page.goto("about:blank");
    page.goto(link.as_str().expect("the link is a text"));
    page.wait_text("#transcript", "configmap/given created");
    run(&page, "kubectl get configmap given mine");
    page.wait_text("#transcript", "configmaps \"mine\" not found");
    page.click("#share");
    page.click("#share-leave");
    page.wait_text("#transcript", "configmap/mine created");
    // Cut off on its way.
    page.goto("about:blank");
    page.goto(&link.as_str().expect("the link is a text")[..120]);
    page.wait_text(".toast", "cut off");
    run(&page, "echo alive");
    page.wait_text("#transcript", "alive");
}

#[test]
fn undo_brings_back_what_was_deleted() {
    let Some(page) = open(1440, 900, "en") else { return };
    run(&page, "kubectl delete namespace harbor --wait=false");
    page.wait_text("#transcript", "namespace \"harbor\" deleted");
    page.eval("document.querySelector('#undo').click()");
    run(&page, "kubectl get namespace harbor");
    page.wait_text("#transcript", "Active");
}

#[test]
fn bad_input_gets_the_real_error_and_leaves_the_page_alive() {
    let Some(page) = open(1440, 900, "en") else { return };
    for (line, expected) in [
        ("kubectl gte pods", "unknown command \"gte\" for \"kubectl\""),
        ("nope", "command not found"),
        ("kubectl apply -f missing.yaml", "the path \"missing.yaml\" does not exist"),
        ("echo '<img src=x onerror=alert(1)>'", "<img src=x onerror=alert(1)>"),
        ("yes | head -2 | wc -l", "2"),
    ] {
        run(&page, line);
        page.wait_text("#transcript", expected);
    }
    assert_eq!(page.eval("return document.querySelectorAll('#transcript img').length"), 0);
    // An endless loop is interrupted, and the page answers all the while.
    run(&page, "while true; do :; done");
    page.eval("return 1");
    page.wait_for("return !!document.querySelector('#interrupt')");
    page.eval("document.querySelector('#interrupt').click()");
    run(&page, "echo still here");
    page.wait_text("#transcript", "still here");
}

#[test]
fn a_published_page_opens_in_the_laptops_browser() {
    let Some(page) = open(1440, 900, "en") else { return };
    run(
        &page,
        "kubectl create deployment site --image=nginx && kubectl expose deployment site --port=80 --type=LoadBalancer",
    );
    page.eval("document.querySelector('[data-speed=\"16\"]').click()");
    run(&page, "kubectl rollout status deployment site && sleep 5 && echo it is up");
    page.wait_for("return document.querySelector('#transcript').innerText.includes('\\nit is up')");
    page.eval("[...document.querySelectorAll('#map .tab')].at(-1).click()");
    page.wait_for("const a = document.querySelector('.browser-known .link'); if (a) a.click(); return !!a");
    page.wait_for("const f = document.querySelector('.browser-page iframe'); return !!f && f.srcdoc.includes('Welcome to nginx!')");
    // What a server sends may neither run nor load.
    let sandbox = page.eval("return document.querySelector('.browser-page iframe').getAttribute('sandbox')");
    assert_eq!(sandbox, "");
    page.screenshot("browser-pane");
    page.eval("const f = document.querySelector('#address'); f.value = ''; f.focus()");
    page.send_keys("#address", &format!("localhost:1{ENTER}"));
    page.wait_text(".browser-page", "ERR_CONNECTION_REFUSED");
}

#[test]
fn what_is_not_simulated_can_be_read_and_searched() {
    for lang in ["en", "ko"] {
        let Some(page) = open(1440, 900, lang) else { return };
        page.click("#help");
        page.click("#coverage-open");
        page.wait_for(
            "return document.querySelectorAll('#coverage-sheet .accepted-not-simulated').length > 10",
        );
        let seen =
            page.eval("return document.querySelector('#coverage-sheet .coverage-row').offsetHeight > 0");
        assert_eq!(seen, true, "rows in English are hidden on a page in {lang}");
        page.screenshot(&format!("coverage-{lang}"));
        page.send_keys(".coverage-find", "kubectl");
        page.wait_for("return document.querySelectorAll('#coverage-sheet .simulated').length > 3");
        page.send_keys(".coverage-find", "-no-such-thing");
        page.wait_for("return document.querySelectorAll('#coverage-sheet .coverage-row').length === 0");
    }
}

#[test]
fn enter_during_hangul_composition_does_not_run_the_line() {
    let Some(page) = open(1440, 900, "ko") else { return };
    page.click("#prompt");
    for text in ["하", "한"] {
        page.cdp("Input.imeSetComposition", json!({"text": text, "selectionStart": 1, "selectionEnd": 1}));
    }
    page.cdp("Input.insertText", json!({"text": "한"}));
    assert_eq!(page.eval("return document.querySelector('#prompt').value"), "한");
    page.send_keys("#prompt", ENTER);
    page.wait_text("#transcript", "한: command not found");
}

#[test]
fn the_page_fits_a_phone() {
    let Some(page) = open(390, 844, "ko") else { return };
    let wide =
        page.eval("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
    assert_eq!(wide, 0, "the page scrolls sideways");
    let png = std::fs::read(page.screenshot("phone-ko")).expect("a screenshot");
    assert!(png.starts_with(b"\x89PNG"));
}
