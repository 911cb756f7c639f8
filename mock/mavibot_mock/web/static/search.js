// Shows the actions that hold every word of the search field; without this script the whole page is there.
"use strict";

const field = document.getElementById("search");
const count = document.getElementById("count");
const articles = [...document.querySelectorAll("article")];
const lines = [...document.querySelectorAll("[data-of]")];
field.closest("search").hidden = false;

function show() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = new Set();
  for (const article of articles) {
    article.hidden = !words.every((word) => article.dataset.words.includes(word));
    if (!article.hidden) shown.add(article.id);
  }
  for (const line of lines) line.hidden = !shown.has(line.dataset.of);
  for (const group of document.querySelectorAll(".group")) group.hidden = !group.querySelector("article:not([hidden])");
  for (const list of document.querySelectorAll("aside ul")) {
    list.hidden = list.previousElementSibling.hidden = !list.querySelector("li:not([hidden])");
  }
  count.textContent = words.length ? `${shown.size} of ${articles.length}` : "";
}

function clear() {
  field.value = "";
  show();
}

field.addEventListener("input", show);
field.addEventListener("keydown", (event) => {
  if (event.key === "Escape") clear();
  if (event.key === "Enter") {
    const first = articles.find((article) => !article.hidden);
    if (first) {
      location.hash = first.id;
      first.focus();
    }
  }
});
document.addEventListener("keydown", (event) => {
  const busy = event.ctrlKey || event.metaKey || event.altKey || event.target === field;
  if (event.key === "/" && !busy) {
    event.preventDefault();
    field.focus();
    field.select();
  }
});
// A link leads somewhere even where the search hides it.
window.addEventListener("hashchange", () => {
  const target = document.getElementById(location.hash.slice(1));
  if (target && target.closest("[hidden]")) {
    clear();
    target.scrollIntoView();
  }
});
show();
