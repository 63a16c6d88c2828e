// The form of a bulletin: a topic that was suggested is chosen with one press, and Enter where one looks for a procedure looks for it.
"use strict";
(() => {
  const topic = document.getElementById("topic");
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-chu-de]");
    if (!button) return;
    topic.value = button.dataset.chuDe;
    const said = button.closest(".suggested").querySelector("[role=status]");
    said.textContent = "Đã chọn «" + topic.selectedOptions[0].textContent + "».";
  });
  // Enter looks for a procedure; it must not save the bulletin.
  document.getElementById("tim_thu_tuc").addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
})();
