// Makes the calls of the control interface that buttons and forms stand for, and shows each as a line to copy.

import { refresh, tell } from "/static/live.js";

const API = "/_mock/v1";
const TOPICS = ["state", "calls", "webhooks", "clock", "faults"];
const python = document.querySelector("#same-python code");
const curl = document.querySelector("#same-curl code");

/** The fields that belong to a control: those of the form that it is, or stands in. */
const fieldsIn = (element) => [...((element.form ?? element).elements ?? [])].filter((field) => field.name);

/** What the fields of a control hold, by name; boxes that are ticked make a list. */
function fieldsOf(element) {
  const fields = {};
  for (const field of fieldsIn(element)) {
    if (field.type !== "checkbox") fields[field.name] = valueOf(field);
    else fields[field.name] = [...(fields[field.name] ?? []), ...(field.checked ? [field.value] : [])];
  }
  return fields;
}

/** Why a control makes no call, in the reader's language. */
class Refusal extends Error {}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(document.body.dataset.notJson);
  }
}

function valueOf(field) {
  const { value } = field;
  if ("json" in field.dataset) return value === "" ? null : parsed(value);
  if ("number" in field.dataset && value.trim() !== "" && Number.isFinite(Number(value))) return Number(value);
  return (field.dataset.prefix ?? "") + value;
}

/** The field that a text such as `{channel.group_id}` names; of any other text `undefined`. */
function fieldNamed(text, fields) {
  const [, name, part] = /^\{(\w+)(?:\.(\w+))?\}$/.exec(text) ?? [];
  if (name === undefined || !Object.hasOwn(fields, name)) return undefined;
  return part ? fields[name]?.[part] : fields[name];
}

/** A value with the fields of the form in their places; without what `absent` fields would fill. */
function filled(value, fields, absent) {
  if (typeof value === "string") {
    const field = fieldNamed(value, fields);
    return field === undefined ? value : field;
  }
  if (Array.isArray(value)) return value.map((each) => filled(each, fields, absent));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([, each]) => !absent.has(each));
  return Object.fromEntries(entries.map(([name, each]) => [filled(name, fields, absent), filled(each, fields, absent)]));
}

function callOf(element) {
  const { method, path, body } = element.dataset;
  const fields = fieldsOf(element);
  const empty = fieldsIn(element).filter((each) => "optional" in each.dataset && !each.value);
  const absent = new Set(empty.map((each) => `{${each.name}}`));
  return {
    method,
    path: path.replace(/\{(\w+)\}/g, (all, name) => (Object.hasOwn(fields, name) ? encodeURIComponent(fields[name]) : all)),
    body: body === undefined ? undefined : filled(JSON.parse(body), fields, absent),
    fields,
    absent,
  };
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const asPython = (value) =>
  value === null || value === undefined ? "None" : value === true ? "True" : value === false ? "False" : JSON.stringify(value);

/** Show the lines that do the same as a control. */
function showSame(element) {
  let call;
  try {
    call = callOf(element);
  } catch {
    return; // a field that is to hold JSON is half written
  }
  const { method, path, body, fields, absent } = call;
  const words = ["curl"];
  if (method !== (body === undefined ? "GET" : "POST")) words.push("-X", method);
  if ("needsToken" in document.body.dataset) words.push("-H", '"Authorization: Bearer $MAVIBOT_MOCK_TOKEN"');
  if (body !== undefined) words.push("-H", "'Content-Type: application/json'", "-d", quoted(JSON.stringify(body)));
  curl.textContent = [...words, quoted(location.origin + API + path)].join(" ");
  const line = element.dataset.python ?? "";
  python.textContent = line.replace(/\{(\w+(?:\.\w+)?)\}/g, (all) => {
    const value = absent.has(all) ? null : fieldNamed(all, fields);
    return value === undefined ? all : asPython(value);
  });
}

const valuesOf = (element) => JSON.stringify(fieldsIn(element).map((each) => each.value));

async function carryOut(element) {
  if (element.dataset.busy) return;
  element.dataset.busy = "yes";
  showSame(element);
  const written = valuesOf(element);
  try {
    const { method, path, body } = callOf(element);
    const answer = await fetch(API + path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const reply = await answer.json();
    if (!answer.ok) throw new Refusal(reply.message ?? answer.status);
    tell("");
    // What was written meanwhile stays.
    if (element.matches("form") && valuesOf(element) === written) element.reset();
    const { then } = element.dataset;
    if (then) location.assign(then.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(reply[name])));
    else await refresh(TOPICS);
  } catch (error) {
    const { failed, offline } = document.body.dataset;
    tell(error instanceof Refusal ? `${failed} ${error.message}` : offline);
  } finally {
    delete element.dataset.busy;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-path]");
  if (button) carryOut(button);
});
// A key is shown only to who asks for it.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-show]");
  if (!button) return;
  const keys = await (await fetch(API + button.dataset.keys)).json();
  const key = keys.find((each) => each.name === button.dataset.show);
  button.previousElementSibling.textContent = key.value;
  button.remove();
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-path]")) return;
  event.preventDefault();
  carryOut(event.target);
});
for (const kind of ["focusin", "input", "pointerover"]) {
  document.addEventListener(kind, (event) => {
    const control = event.target.closest("[data-path]");
    if (control) showSame(control);
  });
}
