// Masters as drawings: the station has measured the outline, nothing is fetched or decoded to show it. The browser's
// own player stays where the drawing cannot be had.
"use strict";
(() => {
  const nonce = document.currentScript.nonce;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const drawn = new Set();

  function colours() {
    const look = getComputedStyle(document.documentElement);
    const of = (name) => look.getPropertyValue(name).trim();
    return { waveColor: of("--soft"), progressColor: of("--accent"), cursorColor: of("--ink") };
  }
  dark.addEventListener("change", () => drawn.forEach((one) => one.setOptions(colours())));

  // A drawing in a box. It makes no sound of its own: whoever plays tells it the time.
  function draw(box, more) {
    const wave = WaveSurfer.create({
      container: box, media: new Audio(), cspNonce: nonce, height: 88, barWidth: 2, barGap: 1, barRadius: 1, cursorWidth: 2,
      hideScrollbar: true, autoScroll: false, autoCenter: false, ...colours(), ...more,
    });
    drawn.add(wave);
    return wave;
  }

  const clock = (seconds) => Math.floor(seconds / 60) + ":" + String(Math.floor(seconds % 60)).padStart(2, "0");
  const inWords = (seconds) => Math.floor(seconds / 60) + " phút " + Math.floor(seconds % 60) + " giây";

  function element(name, facts, ...inside) {
    const made = Object.assign(document.createElement(name), facts);
    made.append(...inside);
    return made;
  }

  function partNames(marks) {
    const count = (part) => marks.filter((mark) => mark[1] === part).length;
    return marks.map(([, part, number]) => ({
      ten: "Tên bản tin", cau: `Câu ${number}/${count("cau")}`, lai: `Đọc lại, câu ${number}/${count("lai")}`,
      bao: "Lời báo giọng máy",
    })[part]);
  }

  function lines(marks, length) {
    const space = "http://www.w3.org/2000/svg";
    const picture = document.createElementNS(space, "svg");
    picture.setAttribute("viewBox", `0 0 ${length} 1`);
    picture.setAttribute("preserveAspectRatio", "none");
    for (const [at] of marks) {
      const line = document.createElementNS(space, "line");
      for (const [name, value] of [["x1", at], ["x2", at], ["y1", 0], ["y2", 1]]) line.setAttribute(name, value);
      line.setAttribute("vector-effect", "non-scaling-stroke");
      picture.append(line);
    }
    return picture;
  }

  function dress(place, facts) {
    const sound = place.querySelector("audio");
    const length = facts.dai / 1000;
    const marks = facts.moc;
    const names = partNames(marks);
    const box = element("div", { className: "wave" });
    box.setAttribute("aria-hidden", "true"); // the same is said and done by the keys below it
    const reach = element("input", { type: "range", min: 0, max: Math.ceil(length * 10) / 10, step: 0.1, value: 0 });
    reach.setAttribute("aria-label", "Vị trí, " + sound.getAttribute("aria-label"));
    const word = element("span", {}, "Nghe");
    const name = element("span", { className: "hidden" }, " " + sound.getAttribute("aria-label"));
    const play = element("button", { type: "button", className: "small" }, word, name);
    const at = element("span", { className: "at" });
    const what = element("span", { className: "what" });
    const go = (seconds) => { sound.currentTime = Math.min(Math.max(0, seconds), length); show(); };
    // A mark may lie between two samples of the player's clock.
    const here = () => marks.filter((mark) => mark[0] <= sound.currentTime * 1000 + 60).length - 1;
    const keys = element("div", { className: "keys" }, play);
    if (marks.length > 1) {
      const step = (label, number) => {
        const key = element("button", { type: "button", className: "small quiet" }, label);
        key.addEventListener("click", () => {
          const next = number();
          go(next < 0 ? 0 : next < marks.length ? marks[next][0] / 1000 : length);
        });
        keys.append(key);
      };
      step("Câu trước", () => (here() >= 0 && sound.currentTime * 1000 - marks[here()][0] > 1500 ? here() : here() - 1));
      step("Câu sau", () => here() + 1);
    }
    keys.append(at, what);
    place.append(box, reach, keys);
    const wave = draw(box, { peaks: [facts.dinh.map((one) => one / facts.cao)], duration: length });
    if (marks.length > 1) box.append(lines(marks, facts.dai));

    function show() {
      const now = still.matches ? Math.floor(sound.currentTime) : sound.currentTime;
      wave.setTime(Math.min(now, length));
      reach.value = now;
      reach.setAttribute("aria-valuetext", `${inWords(sound.currentTime)} trên ${inWords(Math.round(length))}`);
      at.textContent = `${clock(sound.currentTime)} / ${clock(Math.round(length))}`;
      what.textContent = names[here()] ?? "";
    }
    wave.on("interaction", go);
    reach.addEventListener("input", () => go(Number(reach.value)));
    // An arrow is a second: a tenth, which the mouse may choose, would take the keyboard all day.
    reach.addEventListener("keydown", (event) => {
      const seconds = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
      if (!seconds) return;
      event.preventDefault();
      go(sound.currentTime + seconds);
    });
    play.addEventListener("click", () => (sound.paused ? sound.play().catch(() => {}) : sound.pause()));
    sound.addEventListener("play", () => {
      document.querySelectorAll("audio").forEach((other) => { if (other !== sound) other.pause(); });
      word.textContent = "Tạm dừng";
    });
    sound.addEventListener("pause", () => { word.textContent = "Nghe"; });
    sound.addEventListener("timeupdate", show);
    sound.addEventListener("seeked", show);
    sound.addEventListener("error", () => { what.textContent = "Không phát được âm thanh này; tải lại trang rồi thử lại."; });
    const focused = document.activeElement === sound;
    sound.controls = false;
    if (focused) play.focus();
    wave.once("ready", show);
    show();
  }

  function fetched(place) {
    fetch(place.dataset.hinh)
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer)))
      .then((facts) => { if (facts.dinh.length) dress(place, facts); })
      .catch(() => {});
  }

  // A page of a hundred airings draws those that are looked at.
  const places = [...document.querySelectorAll("[data-hinh]")];
  const seen = new IntersectionObserver((found) => {
    for (const one of found.filter((entry) => entry.isIntersecting)) {
      seen.unobserve(one.target);
      fetched(one.target);
    }
  }, { rootMargin: "600px" });
  places.forEach((place) => (places.length > 3 ? seen.observe(place) : fetched(place)));

  // A sound that has just been made and is whole in the browser: `show(blob, sound)` draws it.
  window.soundShape = (box) => {
    const wave = draw(box, { height: 56 });
    let playing = null;
    const follow = () => { if (playing) wave.setTime(still.matches ? Math.floor(playing.currentTime) : playing.currentTime); };
    wave.on("interaction", (seconds) => { if (playing) playing.currentTime = seconds; });
    return (blob, sound) => {
      playing = sound;
      sound.addEventListener("timeupdate", follow);
      return wave.loadBlob(blob).catch(() => {});
    };
  };
})();
