// The form of a bulletin: what was found in its text, a topic or a document, is taken over with one press. Enter where
// one looks for a procedure looks for it, and does not save the bulletin.
"use strict";
(() => {
  const topic = document.getElementById("topic");
  const documents = document.getElementById("documents");
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-chu-de], [data-van-ban]");
    if (!button) return;
    const said = button.closest(".suggested").querySelector("[role=status]");
    if (button.dataset.chuDe) {
      topic.value = button.dataset.chuDe;
      said.textContent = "Đã chọn «" + topic.selectedOptions[0].textContent + "».";
      return;
    }
    const lines = documents.value.split("\n").filter((line) => line.trim());
    if (!lines.includes(button.dataset.vanBan)) lines.push(button.dataset.vanBan);
    documents.value = lines.join("\n");
    said.textContent = "Đã ghi «" + button.dataset.vanBan + "» vào căn cứ.";
  });
  document.getElementById("tim_thu_tuc").addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
})();
