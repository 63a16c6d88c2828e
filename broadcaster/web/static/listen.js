// "Nghe câu này": the sound plays here, with its shape below where that can be drawn; without a script the link opens it.
"use strict";
(() => {
  const sound = new Audio();
  const box = Object.assign(document.createElement("div"), { className: "wave" });
  box.setAttribute("aria-hidden", "true");
  let state = null;
  let shape = null;
  let asked = 0;
  const say = (text) => { if (state) state.textContent = text; };
  const failed = () => say("Chưa đọc được câu này: xem lại giọng đọc ở Cài đặt.");
  sound.addEventListener("playing", () => say("Đang đọc."));
  sound.addEventListener("ended", () => say(""));
  sound.addEventListener("error", failed);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.listen");
    if (!link) return;
    event.preventDefault();
    say("");
    sound.pause();
    state = link.parentElement.querySelector(".listen-state");
    say("Đang làm tiếng…");
    const number = ++asked;
    fetch(link.href)
      .then((answer) => (answer.ok ? answer.blob() : Promise.reject(answer)))
      .then((blob) => {
        if (number !== asked) return;
        URL.revokeObjectURL(sound.src);
        sound.src = URL.createObjectURL(blob);
        sound.play().catch(() => {});
        if (!window.soundShape) return;
        link.parentElement.append(box);
        shape = shape || window.soundShape(box);
        shape(blob, sound);
      })
      .catch(failed);
  });
})();
