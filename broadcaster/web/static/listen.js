// "Nghe câu này": the sound plays here; without a script the link opens it.
"use strict";
(() => {
  const sound = new Audio();
  let state = null;
  const say = (text) => { if (state) state.textContent = text; };
  sound.addEventListener("playing", () => say("Đang đọc."));
  sound.addEventListener("ended", () => say(""));
  sound.addEventListener("error", () => say("Chưa đọc được câu này: xem lại giọng đọc ở Cài đặt."));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.listen");
    if (!link) return;
    event.preventDefault();
    say("");
    state = link.parentElement.querySelector(".listen-state");
    say("Đang làm tiếng…");
    sound.src = link.href;
    sound.play().catch(() => {});
  });
})();
