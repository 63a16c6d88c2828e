// An announcer before the microphone: level, stop, listen, once more, send. Without a script, or where the browser does
// not let the microphone be used, the file field of the same form remains.
"use strict";
(() => {
  const place = document.getElementById("may-thu");
  const form = document.getElementById("gui-thu");
  const part = (name) => place.querySelector(`[data-thu="${name}"]`);
  const [start, stop, level, loud, time, state, heard, sound, shape] =
    ["bat-dau", "dung", "muc", "muc-chu", "gio", "noi", "nghe", "tieng", "hinh"].map(part);
  const file = form.querySelector("input[type=file]");
  const answer = document.getElementById("gui-thu-noi");
  const longest = Number(place.dataset.dai);
  const largest = Number(place.dataset.lon); // bytes: some sound cards give twice as many samples
  const QUIET = -40;
  const CLIPPED = -1;
  let recording = null;
  let kept = null;
  let draw = null;

  const say = (text) => { state.textContent = text; };
  const clock = (seconds) => Math.floor(seconds / 60) + ":" + String(Math.floor(seconds % 60)).padStart(2, "0");

  if (!window.isSecureContext || !navigator.mediaDevices || !window.AudioWorkletNode) {
    // A browser gives the microphone to this machine's own pages and to https alone.
    part("khong").hidden = false;
    return;
  }
  place.querySelector(".keys").hidden = false;
  say("Sẵn sàng. Đặt micrô cách miệng một gang tay, đọc đúng lời bên cạnh.");

  const failures = {
    NotAllowedError: "Trình duyệt chưa được dùng micrô. Bấm biểu tượng micrô ở thanh địa chỉ, chọn Cho phép, rồi bấm lại.",
    NotFoundError: "Máy này không thấy micrô. Cắm micrô rồi bấm lại, hoặc chọn tệp đã thu ở bên dưới.",
    NotReadableError: "Chương trình khác đang giữ micrô. Đóng chương trình đó rồi bấm lại.",
  };

  async function begin() {
    start.disabled = true;
    say("Đang mở micrô…");
    let stream = null;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      });
      const context = new AudioContext();
      await context.audioWorklet.addModule("/tinh/recorder-worklet.js");
      const node = new AudioWorkletNode(context, "may-thu", { numberOfOutputs: 0 });
      const source = context.createMediaStreamSource(stream);
      recording = { stream, context, node, source, blocks: [], frames: 0, rate: context.sampleRate, highest: 0, clipped: 0 };
      node.port.onmessage = ({ data }) => (data ? take(data) : finish());
      // A microphone that is pulled out ends the recording; what was recorded stays.
      stream.getTracks().forEach((track) => track.addEventListener("ended", end));
      source.connect(node);
      await context.resume();
    } catch (error) {
      if (stream) stream.getTracks().forEach((track) => track.stop());
      recording = null;
      start.disabled = false;
      say(failures[error.name] || "Chưa mở được micrô. Chọn tệp đã thu ở bên dưới.");
      return;
    }
    forget();
    say("Đang thu.");
    place.classList.add("on");
    stop.disabled = false;
    stop.focus();
  }

  function take({ samples, peak }) {
    if (!recording) return;
    recording.blocks.push(samples);
    recording.frames += samples.length;
    recording.highest = Math.max(recording.highest, peak);
    const decibels = peak > 0 ? Math.max(-60, 20 * Math.log10(peak)) : -60;
    if (decibels > CLIPPED) recording.clipped += 1;
    level.value = decibels;
    loud.textContent = decibels > CLIPPED ? "quá to" : decibels < QUIET ? "nhỏ" : "vừa";
    const seconds = recording.frames / recording.rate;
    time.textContent = clock(seconds);
    recording.full = seconds >= longest || 2 * recording.frames >= largest;
    if (recording.full) end();
  }

  function end() {
    if (!recording || stop.disabled) return;
    stop.disabled = true;
    recording.node.port.postMessage("het");
  }

  function finish() {
    const { stream, context, source, blocks, frames, rate, highest, clipped, full } = recording;
    recording = null;
    source.disconnect();
    stream.getTracks().forEach((track) => track.stop());
    context.close();
    place.classList.remove("on");
    level.value = -60;
    loud.textContent = "";
    start.disabled = false;
    start.textContent = "Thu lại từ đầu";
    if (!frames) { say("Chưa thu được gì. Bấm thu lại."); start.focus(); return; }
    kept = new Blob([header(frames, rate), ...blocks], { type: "audio/wav" });
    file.required = false;
    sound.src = URL.createObjectURL(kept);
    heard.hidden = false;
    if (window.soundShape) {
      draw = draw || window.soundShape(shape);
      draw(kept, sound);
    }
    const seconds = frames / rate;
    const advice = 20 * Math.log10(highest || 1e-9) < QUIET
      ? " Gần như không có tiếng: kiểm tra micrô rồi thu lại."
      : clipped > 3 ? " Có chỗ quá to, nghe sẽ rè: lùi xa micrô rồi thu lại." : " Nghe lại, rồi gửi; chưa vừa ý thì thu lại.";
    say((full ? `Đã dừng ở ${clock(seconds)}: dài nhất cho một lần thu.` : `Đã thu ${clock(seconds)}.`) + advice);
    sound.focus();
  }

  function forget() {
    if (kept) URL.revokeObjectURL(sound.src);
    kept = null;
    sound.removeAttribute("src");
    heard.hidden = true;
    file.required = true;
    answer.hidden = true;
  }

  function header(frames, rate) {
    const view = new DataView(new ArrayBuffer(44));
    const text = (at, word) => [...word].forEach((letter, n) => view.setUint8(at + n, letter.charCodeAt(0)));
    text(0, "RIFF");
    view.setUint32(4, 36 + 2 * frames, true);
    text(8, "WAVEfmt ");
    view.setUint32(16, 16, true);
    view.setUint16(20, 1, true);
    view.setUint16(22, 1, true);
    view.setUint32(24, rate, true);
    view.setUint32(28, 2 * rate, true);
    view.setUint16(32, 2, true);
    view.setUint16(34, 16, true);
    text(36, "data");
    view.setUint32(40, 2 * frames, true);
    return view.buffer;
  }

  start.addEventListener("click", begin);
  stop.addEventListener("click", end);
  file.addEventListener("change", () => { if (file.value) forget(); });
  window.addEventListener("beforeunload", (event) => { if (recording || kept) event.preventDefault(); });

  // What was recorded stays in the page until the station has taken it.
  form.addEventListener("submit", async (event) => {
    if (!kept) return;
    event.preventDefault();
    const button = form.querySelector("button");
    const fields = new FormData(form);
    fields.set("tep", kept, "thu_tai_trang.wav");
    button.disabled = true;
    const tell = (text, bad) => {
      answer.hidden = false;
      answer.className = bad ? "told bad" : "told";
      answer.firstElementChild.textContent = text;
    };
    tell("Đang gửi và làm bản phát…", false);
    try {
      const done = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "application/json" } });
      const said = await done.json();
      if (!done.ok) throw new Error(said.loi);
      kept = null;
      location.assign(said.tiep);
    } catch (error) {
      button.disabled = false;
      const known = !(error instanceof TypeError || error instanceof SyntaxError) && error.message;
      tell(known || "Máy ở đài chưa nhận được. Bản thu vẫn còn ở trang này: xem mạng, đăng nhập ở thẻ khác nếu cần, rồi gửi lại.", true);
    }
  });
})();
