// Keeps an open page up to date: where the server tells of a change, the parts that show it are fetched anew.

const { events, offline, gone, start } = document.body.dataset;
const PAUSE = 2000; // milliseconds until a stream that was refused is asked for again
let { place } = document.body.dataset;
let stream = null;
let pending = new Set();
let isFetching = false;
const served = new WeakMap(); // what the server sent of each part, whatever the scripts made of it since

for (const part of parts(document)) served.set(part, part.innerHTML);

function parts(page) {
  return page.querySelectorAll("[data-live]");
}

function connect() {
  if (stream || document.hidden) return;
  stream = new EventSource(`${events}?since=${encodeURIComponent(place)}`);
  stream.onopen = () => tell("");
  stream.onmessage = (event) => {
    place = event.lastEventId;
    refresh(JSON.parse(event.data));
  };
  // The browser itself connects anew, and says where it was, unless it was refused.
  stream.onerror = ({ target }) => (target.readyState === EventSource.CLOSED ? askWhy(target) : tell(offline));
}

async function askWhy(refused) {
  const { status } = await fetch(events, { method: "HEAD" }).catch(() => ({}));
  if (stream !== refused) return; // the page was left, or looked at again, meanwhile
  if (status === 404) return tellGone();
  if (status === 401) return location.reload();
  tell(offline);
  stream = null;
  setTimeout(connect, PAUSE);
}

function tellGone() {
  const link = document.createElement("a");
  link.href = "/";
  link.textContent = start;
  document.getElementById("trouble").replaceChildren(`${gone} `, link);
}

// A browser keeps few connections to one server: a page that nobody sees needs none.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) return connect();
  stream?.close();
  stream = null;
});

export function tell(text) {
  const trouble = document.getElementById("trouble");
  if (trouble.textContent !== text) trouble.textContent = text;
}

/** Fetch the page anew and show what has changed of the parts that live on these topics; one fetch at a time. */
export async function refresh(topics) {
  for (const topic of topics) pending.add(topic);
  if (isFetching || !pending.size) return;
  isFetching = true;
  try {
    while (pending.size) {
      const changed = pending;
      pending = new Set();
      if (![...parts(document)].some((part) => lives(part, changed))) continue;
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"), changed);
      else if (answer.status === 401 || answer.status === 404) return location.reload();
    }
  } catch {
    tell(offline);
  } finally {
    isFetching = false;
  }
}

function lives(part, topics) {
  return part.dataset.live.split(" ").some((topic) => topics.has(topic));
}

function show(fresh, topics) {
  for (const part of parts(document)) {
    const other = fresh.getElementById(part.id);
    if (!other || !lives(part, topics) || served.get(part) === other.innerHTML) continue;
    replace(part, other);
  }
}

/** Put fresh content in a part; what is written, opened, focused or scrolled there stays. */
function replace(part, other) {
  const { activeElement } = document;
  const focused = part.contains(activeElement) ? activeElement : null;
  const selection = focused?.matches("input:not([type=number]), textarea") ? [focused.selectionStart, focused.selectionEnd] : null;
  const opened = [...part.querySelectorAll("details[open][id]")].map((each) => each.id);
  const written = [...part.querySelectorAll("input, select, textarea")].filter(isChanged).map((each) => [each.id, each.value]);
  const frame = part.closest(".bottom");
  const isAtEnd = frame && frame.scrollHeight - frame.scrollTop - frame.clientHeight < 40;
  served.set(part, other.innerHTML);
  const kept = withoutPictures(part, other);
  part.replaceChildren(...document.importNode(other, true).childNodes);
  part.querySelectorAll("[data-kept]").forEach((place) => place.replaceWith(kept[place.dataset.kept]));
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  for (const [id, value] of written) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
  const same = focused?.id ? document.getElementById(focused.id) : null;
  (same ?? (focused && successor(focused, part)))?.focus({ preventScroll: true });
  if (same && selection) same.setSelectionRange(...selection);
  if (isAtEnd) frame.scrollTop = frame.scrollHeight;
  part.dispatchEvent(new CustomEvent("fresh", { bubbles: true }));
}

/** Return the pictures of a part that its fresh content has too, where their places are marked: no picture is fetched twice. */
function withoutPictures(part, other) {
  const shown = [...part.querySelectorAll("img")];
  const kept = [];
  for (const picture of other.querySelectorAll("img")) {
    const at = shown.findIndex((each) => each.getAttribute("src") === picture.getAttribute("src"));
    if (at < 0) continue;
    const place = other.ownerDocument.createElement("span");
    place.dataset.kept = kept.length;
    kept.push(...shown.splice(at, 1));
    picture.replaceWith(place);
  }
  return kept;
}

/** What gets the focus of a control that is gone: what took its place, or where it stood. */
function successor({ dataset }, part) {
  const next = dataset.focus && part.querySelector(`[data-focus="${CSS.escape(dataset.focus)}"]`);
  return next || part.closest("[tabindex]") || part.querySelector("button");
}

function isChanged(field) {
  if (field.matches("select")) return [...field.options].some((each) => each.selected !== each.defaultSelected);
  return field.value !== field.defaultValue;
}

connect();
