// Hôm nay by itself: the part that lives comes as server-sent events, the times run here, by the station's clock.
"use strict";
(() => {
  const part = document.getElementById("song");
  const clock = document.getElementById("gio");
  const link = document.getElementById("noi");
  const ahead = Date.parse(part.dataset.luc) - Date.now();

  const links = () => [...part.querySelectorAll("a")];

  function tick() {
    const now = new Date(Date.now() + ahead);
    clock.textContent = now.toLocaleTimeString("vi-VN", { timeZone: "Asia/Ho_Chi_Minh" }) + " " +
      now.toLocaleDateString("vi-VN", { timeZone: "Asia/Ho_Chi_Minh" });
    for (const shown of part.querySelectorAll("time[data-den]")) {
      const left = Math.max(0, Math.round((Date.parse(shown.dataset.den) - now.getTime()) / 1000));
      const hours = Math.floor(left / 3600);
      const text = Math.floor(left / 60) % 60 + ":" + String(left % 60).padStart(2, "0");
      shown.textContent = hours ? hours + " giờ " + Math.floor(left / 60) % 60 + " phút" : text;
    }
  }

  function listen() {
    const source = new EventSource(part.dataset.luong);
    source.onopen = () => { link.textContent = "Trang tự cập nhật."; };
    source.onmessage = (event) => {
      // Whoever is on a link of the old part stays on the same link of the new one.
      const same = (one) => one.getAttribute("href") + " " + one.textContent;
      const active = document.activeElement;
      const here = active.matches("a") && part.contains(active) ? same(active) : null;
      const number = here === null ? 0 : links().filter((one) => same(one) === here).indexOf(active);
      part.innerHTML = event.data;
      if (here !== null) {
        const again = links().filter((one) => same(one) === here)[number];
        if (again) again.focus();
      }
      tick();
    };
    source.addEventListener("het", () => { source.close(); location.reload(); });
    source.onerror = () => { link.textContent = "Mất nối với máy ở đài; đang nối lại, số liệu dưới đây là cũ."; };
  }

  tick();
  setInterval(tick, 1000);
  listen();
})();
