// Starts the app, and stands outside of it: when it breaks, this still says what is safe and offers a way on.
// The app writes "drydock.flight" (what it is doing) before each input and clears it after, so that the
// input that broke it is named here, and left out when the page is opened again.
import init, { open } from './app.js';

const words = {
  ko: {
    title: 'Drydock이 멈췄어요',
    safe: '여기까지 한 일은 이 브라우저에 저장되어 있어요.',
    cause: '멈추게 한 입력',
    again: '그 입력 전으로 돌아가기',
    save: '보고서 저장',
    fresh: '처음부터 시작',
    load: '앱을 불러오지 못했어요. 연결을 확인하고 다시 열어 주세요.',
    old: '이 브라우저에는 웹어셈블리가 없어요. 최신 브라우저로 열어 주세요.',
  },
  en: {
    title: 'Drydock has stopped',
    safe: 'Your work up to here is saved in this browser.',
    cause: 'The input that stopped it',
    again: 'Go back to just before it',
    save: 'Save a report',
    fresh: 'Start afresh',
    load: 'The app could not be loaded. Check the connection and open the page again.',
    old: 'This browser has no WebAssembly. Please open the page in a current one.',
  },
};

const kept = name => { try { return localStorage.getItem(name) || ''; } catch { return ''; } };
const el = (name, text, more = {}) => Object.assign(document.createElement(name), { textContent: text }, more);
let shown = false;

// A session that came in a link, see `web/src/share.rs`. Another link in the same tab is another session.
const shared = () => location.hash.startsWith('#s=');
addEventListener('hashchange', () => { if (shared()) location.reload(); });

function stopped(error, loading) {
  if (shown) return;
  shown = true;
  console.error(error);
  const t = words[document.documentElement.lang] || words.en;
  const guard = document.getElementById('guard');
  const flight = kept('drydock.flight');
  const detail = String(window.drydockPanic || error && (error.stack || error.message) || error);
  const report = () => {
    const text = [`Drydock report`, navigator.userAgent, `input: ${flight}`, detail, '', kept(shared() ? 'drydock.shared' : 'drydock.session')].join('\n');
    const link = el('a', '', { href: URL.createObjectURL(new Blob([text], { type: 'text/plain' })), download: 'drydock-report.txt' });
    link.click();
  };
  const card = el('div', '', { className: 'guard-card' });
  card.setAttribute('role', 'alert');
  card.append(el('h1', t.title), el('p', loading ? (typeof WebAssembly === 'object' ? t.load : t.old) : t.safe));
  if (flight && !loading) card.append(el('p', t.cause, { className: 'muted' }), el('pre', flight));
  card.append(el('pre', detail, { className: 'guard-detail' }));
  const buttons = el('p', '', { className: 'guard-buttons' });
  buttons.append(
    el('button', t.again, { className: 'button primary', onclick: () => location.reload() }),
    el('button', t.save, { className: 'button', onclick: report }),
    el('button', t.fresh, {
      className: 'button',
      onclick: () => {
        try { for (const k of [shared() ? 'drydock.shared' : 'drydock.session', 'drydock.flight']) localStorage.removeItem(k); history.replaceState(null, '', location.pathname + location.search); } catch {}
        location.reload();
      },
    }),
  );
  card.append(buttons);
  guard.replaceChildren(card);
  guard.hidden = false;
  buttons.firstChild.focus();
}

const ours = error => error instanceof WebAssembly.RuntimeError || window.drydockPanic;
addEventListener('error', event => { if (ours(event.error)) stopped(event.error, false); });
addEventListener('unhandledrejection', event => { if (ours(event.reason)) stopped(event.reason, false); });

const course = async () => {
  const answer = await fetch(new URL('./course.json', import.meta.url));
  if (!answer.ok) throw new Error(`course.json: ${answer.status}`);
  return answer.text();
};

try {
  const [lessons] = await Promise.all([course(), init()]);
  open(lessons);
} catch (error) {
  // wasm-bindgen ends start-up with an exception where the main thread goes on by callbacks.
  stopped(error, !window.drydockPanic && !(error instanceof WebAssembly?.RuntimeError));
}
