// Before the first paint: language and theme, as chosen last time or as the system has them.
// "drydock.settings" is written by the app: {"lang":"ko"|"en","theme":"light"|"dark"} (either may be absent).
(() => {
  let saved = {};
  try { saved = JSON.parse(localStorage.getItem('drydock.settings')) || {}; } catch {}
  const root = document.documentElement;
  const wanted = saved.lang || (navigator.languages || [navigator.language]).find(l => /^(ko|en)\b/i.test(l)) || 'en';
  root.lang = /^ko/i.test(wanted) ? 'ko' : 'en';
  if (saved.theme === 'light' || saved.theme === 'dark') root.dataset.theme = saved.theme;
})();
