// Lịch tuần by hand: a bulletin is taken with a mouse, a pen or a finger and put into another session, or out of the
// plan. Nothing is done here that the page of one bulletin cannot do with buttons; both send the same form.
"use strict";
(() => {
  const week = document.querySelector("[data-lich]");
  const live = document.getElementById("keo-noi");
  const bar = document.getElementById("keo-thanh");
  const told = document.getElementById("keo-loi");
  const dialog = document.getElementById("keo-hoi");
  const form = dialog.querySelector("form");
  const field = form.elements;
  const [send, stop] = form.querySelectorAll(".actions button");
  const fresh = form.querySelector(".actions a");
  const alarm = document.getElementById("keo-bao");
  const warning = document.getElementById("keo-luu-y");
  const scroller = week.querySelector("table.week").parentElement;
  const FAR = 6; // px before a press with the mouse is a drag
  const HOLD = 400; // ms a finger rests on a chip before it is taken: a quick stroke scrolls the page
  const EDGE = 56; // px from an edge at which the page scrolls by itself
  const STEP = 12; // px a frame
  let drag = null;
  let swallow = false;
  let busy = false;

  const name = (chip) => "«" + chip.firstChild.textContent.trim() + "»";
  const cellOf = (chip) => chip.closest("[data-cho]");
  const say = (text) => { live.textContent = text; bar.querySelector("p").textContent = text; };

  function refuse(text) {
    told.querySelector("p").textContent = text;
    told.hidden = false;
  }

  function press(event) {
    swallow = false;
    const chip = event.target.closest("[data-keo]");
    if (drag || busy || !chip || !event.isPrimary || event.button !== 0) return;
    const from = cellOf(chip);
    drag = { chip, from, id: event.pointerId, x: event.clientX, y: event.clientY, touch: event.pointerType === "touch",
      startX: event.clientX, startY: event.clientY, active: false, over: null, shut: {}, mild: {} };
    if (drag.touch) drag.timer = setTimeout(lift, HOLD);
  }

  function lift() {
    const { chip, from } = drag;
    drag.active = true;
    told.hidden = true;
    const box = chip.getBoundingClientRect();
    drag.dx = drag.x - box.left;
    drag.dy = drag.y - box.top;
    const ghost = chip.cloneNode(true);
    for (const one of ["id", "href", "data-keo"]) ghost.removeAttribute(one);
    ghost.classList.add("ghost");
    ghost.setAttribute("aria-hidden", "true");
    ghost.style.width = box.width + "px";
    document.body.append(ghost);
    drag.ghost = ghost;
    chip.classList.add("lifted");
    chip.setPointerCapture(drag.id);
    document.body.classList.add("dragging");
    bar.querySelector("[data-bo=loai]").hidden = !from || "qua" in from.dataset;
    bar.hidden = false;
    say("Đang kéo " + name(chip) + ". Thả vào một buổi; bấm Esc để thôi.");
    place();
    ask(drag);
    drag.frame = requestAnimationFrame(edges);
  }

  // What stands against each session comes from the planner while the chip is already in the air.
  async function ask(mine) {
    const from = mine.from ? "?tu=" + encodeURIComponent(mine.from.dataset.cho) : "";
    try {
      const answer = await fetch(week.dataset.lich + "/cho/" + encodeURIComponent(mine.chip.dataset.keo) + from,
        { headers: { accept: "application/json" } });
      if (!answer.ok) return;
      const found = await answer.json();
      mine.shut = found.dong;
      mine.mild = found.chat;
    } catch { return; } // the station answers when the chip is put down
    if (drag !== mine || !mine.active) return;
    for (const cell of week.querySelectorAll("[data-cho]")) {
      const why = mine.shut[cell.dataset.cho] || mine.mild[cell.dataset.cho];
      if (!why || cell === mine.from) continue;
      const note = document.createElement("span");
      note.className = cell.dataset.cho in mine.shut ? "drag-why" : "drag-why mild";
      note.textContent = why;
      cell.append(note);
      cell.classList.toggle("shut", cell.dataset.cho in mine.shut);
    }
    document.body.classList.add("known");
    mine.over = null;
    hover();
  }

  function move(event) {
    if (!drag || event.pointerId !== drag.id) return;
    drag.x = event.clientX;
    drag.y = event.clientY;
    const far = Math.hypot(drag.x - drag.startX, drag.y - drag.startY);
    if (!drag.active) {
      if (drag.touch) {
        if (far > 2 * FAR) end(); // a stroke: the page scrolls
        return;
      }
      if (far < FAR) return;
      lift();
    }
    place();
  }

  function place() {
    drag.ghost.style.transform = "translate(" + (drag.x - drag.dx) + "px, " + (drag.y - drag.dy) + "px)";
    hover();
  }

  function under() {
    const one = document.elementFromPoint(drag.x, drag.y);
    return one && one.closest("[data-bo], [data-cho]");
  }

  function hover() {
    const over = under();
    if (over === drag.over) return;
    if (drag.over) drag.over.classList.remove("over");
    drag.over = over;
    if (!over) return say("Thả ở đây thì không đổi gì.");
    over.classList.add("over");
    if (over.dataset.bo) return say(over.textContent + ".");
    const why = over === drag.from ? "đang ở đây, thả thì không đổi gì."
      : drag.shut[over.dataset.cho] || drag.mild[over.dataset.cho] || "thả được.";
    say(over.dataset.noi + ": " + why);
  }

  // At an edge of the window, or of the table on a narrow screen, what is beyond comes into sight.
  function edges() {
    if (!drag || !drag.active) return;
    const floor = bar.getBoundingClientRect().top;
    const box = scroller.getBoundingClientRect();
    const left = Math.max(0, box.left), right = Math.min(innerWidth, box.right);
    if (drag.y < EDGE) scrollBy(0, -STEP);
    else if (drag.y > floor - EDGE && drag.y < floor) scrollBy(0, STEP);
    if (drag.y > box.top && drag.y < Math.min(box.bottom, floor)) {
      if (drag.x < left + EDGE) scroller.scrollLeft -= STEP;
      else if (drag.x > right - EDGE) scroller.scrollLeft += STEP;
    }
    hover();
    drag.frame = requestAnimationFrame(edges);
  }

  // The chip is where it was; what the page has marked is gone.
  function end() {
    const last = drag;
    drag = null;
    if (!last) return;
    clearTimeout(last.timer);
    cancelAnimationFrame(last.frame);
    if (!last.active) return;
    swallow = true;
    last.ghost.remove();
    last.chip.classList.remove("lifted");
    if (last.over) last.over.classList.remove("over");
    for (const note of week.querySelectorAll(".drag-why")) note.remove();
    for (const cell of week.querySelectorAll(".shut")) cell.classList.remove("shut");
    document.body.classList.remove("dragging", "known");
    bar.hidden = true;
  }

  function cancel() {
    const active = drag && drag.active;
    end();
    if (active) say("Đã thôi, lịch không đổi.");
  }

  function drop(event) {
    if (!drag || event.pointerId !== drag.id) return;
    if (!drag.active) return end();
    drag.x = event.clientX;
    drag.y = event.clientY;
    const over = under();
    const { chip, from, shut, mild } = drag;
    if (!over || over === from) return cancel();
    end();
    const why = over.dataset.cho && shut[over.dataset.cho];
    if (why) return refuse("Không đưa " + name(chip) + " vào " + over.dataset.noi + " được. " + why);
    question(chip, from, over, mild[over.dataset.cho]);
  }

  function question(chip, from, over, careful) {
    const [moves, adds] = form.querySelectorAll("[name=viec]");
    const choice = form.querySelector("fieldset");
    const goal = over.dataset.cho || "";
    const movable = Boolean(goal && from && !("qua" in from.dataset));
    choice.hidden = !movable;
    field.ban_tin.value = chip.dataset.keo;
    field.tu_o.value = from ? from.dataset.cho : "";
    field.den_o.value = goal;
    moves.value = movable ? "doi" : over.dataset.bo === "loai" ? "loai|" + from.dataset.cho
      : over.dataset.bo === "loai_tuan" ? "loai_tuan" : "ghim|" + goal;
    adds.value = "ghim|" + goal;
    moves.checked = true;
    document.getElementById("keo-ten").textContent = (movable ? "Chuyển " : goal ? "Ghim " : "Loại ") + name(chip);
    document.getElementById("keo-doan").textContent = movable ? "Từ " + from.dataset.noi + " sang " + over.dataset.noi + "."
      : goal ? "Vào " + over.dataset.noi + "." : over.dataset.bo === "loai" ? "Khỏi " + from.dataset.noi + "."
      : "Khỏi mọi buổi chưa phát của tuần này.";
    warning.textContent = careful || "";
    warning.hidden = !careful;
    alarm.hidden = fresh.hidden = true;
    send.textContent = "Đổi lịch";
    field.ly_do.value = sessionStorage.getItem("lich-ly-do") || "";
    if (goal) { // the piece is shown where it would be, until the station has said yes or no
      const shown = chip.cloneNode(true);
      for (const one of ["href", "data-keo"]) shown.removeAttribute(one);
      shown.classList.add("landing");
      over.prepend(shown);
    }
    if (from && !over.dataset.cho || movable) chip.classList.add("lifted");
    dialog.returnValue = "";
    dialog.chip = chip;
    dialog.showModal();
    field.ly_do.focus();
    field.ly_do.select();
  }

  function back() {
    for (const one of week.querySelectorAll(".landing")) one.remove();
    for (const one of week.querySelectorAll(".lifted")) one.classList.remove("lifted");
    dialog.chip.focus({ preventScroll: true });
    if (!dialog.returnValue) say("Đã thôi, lịch không đổi.");
  }

  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    wait(true);
    sessionStorage.setItem("lich-ly-do", field.ly_do.value);
    try {
      const answer = await fetch(form.action,
        { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { accept: "application/json" } });
      const found = await answer.json();
      if (found.den) return location.replace(found.den);
      if (found.hoi) return form.submit(); // a question that has a page of its own
      wait(false);
      if (found.ban === undefined) {
        dialog.close("loi");
        return refuse(found.loi);
      }
      field.ban.value = found.ban;
      alarm.textContent = found.loi;
      send.textContent = "Vẫn đổi, trên bản số " + found.ban;
      fresh.hidden = false;
    } catch {
      wait(false);
      alarm.textContent = "Mất nối với máy ở đài, chưa rõ đã đổi hay chưa. Tải lại trang để xem, hoặc bấm lần nữa.";
    }
    alarm.hidden = false;
  }

  function wait(on) {
    busy = on;
    send.disabled = stop.disabled = on;
    if (on) {
      alarm.hidden = true;
      send.dataset.ten = send.textContent;
      send.textContent = "Đang xếp lại…";
      live.textContent = "Đang xếp lại lịch.";
    } else send.textContent = send.dataset.ten;
  }

  document.addEventListener("pointerdown", press);
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", drop);
  document.addEventListener("pointercancel", (event) => { if (drag && event.pointerId === drag.id) cancel(); });
  // Once a finger has taken a chip, its strokes move the chip and not the page.
  document.addEventListener("touchmove", (event) => { if (drag && drag.active) event.preventDefault(); }, { passive: false });
  document.addEventListener("contextmenu", (event) => { if (drag && drag.touch) event.preventDefault(); });
  document.addEventListener("dragstart", (event) => { if (event.target.closest("[data-keo]")) event.preventDefault(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && drag) { event.preventDefault(); cancel(); } });
  document.addEventListener("click", (event) => { if (swallow && event.detail) { swallow = false; event.preventDefault(); } }, true);
  addEventListener("blur", cancel);
  dialog.addEventListener("close", back);
  dialog.addEventListener("cancel", (event) => { if (busy) event.preventDefault(); });
  stop.addEventListener("click", () => dialog.close());
  form.addEventListener("submit", submit);
  told.querySelector("button").addEventListener("click", () => { told.hidden = true; });
})();
