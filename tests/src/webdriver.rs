//! A small WebDriver client: enough to drive the page in Chromium, no async runtime, no new crates.

use base64::Engine;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// How long a wait lasts before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(60);
pub const ENTER: &str = "\u{E007}";
pub const TAB: &str = "\u{E004}";
pub const UP: &str = "\u{E013}";

/// One chromedriver with one browser; dropping it ends both, also when a test panics.
pub struct Browser {
    driver: Child,
    session: String,
    agent: ureq::Agent,
}

impl Browser {
    pub fn start() -> Browser {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("chromedriver is in PATH (Debian: chromium-driver)");
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(60)))
            .http_status_as_error(false)
            .build()
            .new_agent();
        let mut browser = Browser { driver, session: format!("http://127.0.0.1:{port}/session"), agent };
        let wanted: Value = serde_json::from_str(include_str!("../webdriver.json")).unwrap();
        let wanted = json!({"capabilities": {"alwaysMatch": wanted}});
        let started = Instant::now();
        // The driver may listen before it serves, and resets what it accepted then.
        let made = loop {
            match browser.try_post("", wanted.clone()) {
                Ok(made) => break made,
                Err(e) => assert!(started.elapsed() < PATIENCE, "chromedriver gave no session: {e}"),
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        let id = made["sessionId"].as_str().expect("a session").to_owned();
        browser.session = format!("{}/{id}", browser.session);
        browser
    }

    fn try_post(&self, path: &str, body: Value) -> Result<Value, String> {
        let mut reply = self
            .agent
            .post(format!("{}{path}", self.session))
            .content_type("application/json")
            .send(body.to_string())
            .map_err(|e| e.to_string())?;
        Self::value(&reply.body_mut().read_to_string().map_err(|e| e.to_string())?)
    }

    fn value(text: &str) -> Result<Value, String> {
        let mut reply: Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
        let value = reply["value"].take();
        match value.get("error").and_then(Value::as_str) {
            Some(kind) => Err(format!("{kind}: {}", value["message"].as_str().unwrap_or_default())),
            None => Ok(value),
        }
    }

    fn post(&self, path: &str, body: Value) -> Value {
        self.try_post(path, body).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    pub fn goto(&self, url: &str) {
        self.post("/url", json!({ "url": url }));
    }

    pub fn resize(&self, width: u32, height: u32) {
        self.post("/window/rect", json!({ "width": width, "height": height }));
    }

    /// Runs JavaScript in the page; `return` hands a value back.
    pub fn eval(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({ "script": script, "args": [] }))
    }

    /// A Chrome DevTools command, for what WebDriver lacks: IME composition, the accessibility tree.
    pub fn cdp(&self, command: &str, params: Value) -> Value {
        self.post("/goog/cdp/execute", json!({ "cmd": command, "params": params }))
    }

    /// Waits until `css` is there, and returns its id.
    pub fn find(&self, css: &str) -> String {
        let started = Instant::now();
        loop {
            match self.try_post("/element", json!({ "using": "css selector", "value": css })) {
                Ok(found) => return found[ELEMENT].as_str().unwrap().to_owned(),
                Err(e) if started.elapsed() > PATIENCE => panic!("{css}: {e}"),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    pub fn send_keys(&self, css: &str, text: &str) {
        self.post(&format!("/element/{}/value", self.find(css)), json!({ "text": text }));
    }

    pub fn click(&self, css: &str) {
        self.post(&format!("/element/{}/click", self.find(css)), json!({}));
    }

    pub fn text(&self, css: &str) -> String {
        let id = self.find(css);
        let mut reply = self.agent.get(format!("{}/element/{id}/text", self.session)).call().unwrap();
        Self::value(&reply.body_mut().read_to_string().unwrap()).unwrap().as_str().unwrap().to_owned()
    }

    /// Waits until the text of `css` holds `part`.
    /// Waits until a script returns true.
    pub fn wait_for(&self, script: &str) {
        let started = Instant::now();
        while self.eval(script) != Value::Bool(true) {
            if started.elapsed() > PATIENCE {
                let path = self.screenshot("failure");
                panic!("never true: {script}; see {}", path.display());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    pub fn wait_text(&self, css: &str, part: &str) {
        let started = Instant::now();
        loop {
            let text = self.text(css);
            if text.contains(part) {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "{css} holds {text:?}, not {part:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Saves target/screenshots/NAME.png.
    pub fn screenshot(&self, name: &str) -> PathBuf {
        let mut reply = self.agent.get(format!("{}/screenshot", self.session)).call().unwrap();
        let text = reply.body_mut().with_config().limit(64 << 20).read_to_string().unwrap();
        let png = Self::value(&text).unwrap();
        let png = base64::engine::general_purpose::STANDARD.decode(png.as_str().unwrap()).unwrap();
        let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
        std::fs::create_dir_all(&dir).unwrap();
        let file = dir.join(format!("{name}.png"));
        std::fs::write(&file, png).unwrap();
        file
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ending the session ends Chromium; killing the driver alone would leave it running.
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
