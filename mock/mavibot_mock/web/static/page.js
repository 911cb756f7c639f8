// What a page does by itself: the clock that runs, what is unread, search as you type, scrolling, keys.

const list = document.getElementById("list");

// The project's clock goes on between two messages of the server.
let shownAt = performance.now();
function showTime() {
  const clock = document.querySelector("#clock .now");
  if (!clock || "stopped" in clock.dataset) return;
  const passed = (performance.now() - shownAt) / 1000;
  const moment = new Date((Number(clock.dataset.now) + passed + Number(clock.dataset.offset)) * 1000);
  const text = moment.toISOString().slice(0, 19).replace("T", " ");
  const shown = clock.querySelector("time");
  if (shown.textContent !== text) shown.textContent = text;
}
setInterval(showTime, 500);
document.addEventListener("fresh", (event) => {
  if (event.target.id === "clock") shownAt = performance.now();
  if (event.target.id === "list") markUnread();
});

// What this browser has seen of each client; what was there at its first visit counts as seen.
function markUnread() {
  if (!list) return;
  const key = `mavibot-mock-seen-${list.dataset.project}`;
  const links = [...list.querySelectorAll("a[data-client]")];
  const seen = JSON.parse(localStorage.getItem(key) ?? "null") ?? {
    all: Math.max(0, ...links.map((link) => Number(link.dataset.last))),
  };
  for (const link of links) {
    const last = Number(link.dataset.last);
    if (link.hasAttribute("aria-current") && last) seen[link.dataset.client] = last;
    const isUnread = last > Math.max(seen.all, seen[link.dataset.client] ?? 0);
    link.classList.toggle("unread", isUnread);
    link.querySelector(".news")?.remove();
    if (isUnread) {
      const mark = document.createElement("span");
      mark.className = "news";
      mark.textContent = list.dataset.unread;
      link.append(mark);
    }
  }
  localStorage.setItem(key, JSON.stringify(seen));
}
markUnread();

// Search as you type: the list that the server sends for the words takes the place of this one.
const search = document.querySelector("form.search input");
let waiting = 0;
search?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const address = new URL(location.href);
    address.searchParams.delete("list");
    if (search.value.trim()) address.searchParams.set("q", search.value);
    else address.searchParams.delete("q");
    history.replaceState(null, "", address);
    const answer = await fetch(address);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("list");
    if (address.href !== location.href) return; // more was typed meanwhile
    list.replaceChildren(...document.importNode(fresh, true).childNodes);
    if (fresh.dataset.live) list.dataset.live = fresh.dataset.live;
    else delete list.dataset.live;
    markUnread();
  }, 150);
});

// A conversation begins at its end; on a phone the whole page scrolls.
for (const frame of document.querySelectorAll(".bottom")) {
  if (frame.scrollHeight > frame.clientHeight) frame.scrollTop = frame.scrollHeight;
  else frame.querySelector("#messages")?.lastElementChild?.scrollIntoView({ block: "end" });
}

// As in a messenger: Enter sends, and Shift with it begins a new line.
document.getElementById("say")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, select, textarea");
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && !isTyping && search) {
    event.preventDefault();
    search.focus();
    search.select();
  }
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.closest("#list, form.search")) {
    const links = [...list.querySelectorAll("a")];
    const next = links[links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
    event.preventDefault();
    (next ?? search).focus();
  }
});
