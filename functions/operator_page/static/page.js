// Whatever this adds, the page works without it.
"use strict";

// Fragments are asked for more slowly while nobody looks; the server says how fast otherwise.
document.addEventListener("htmx:beforeRequest", (event) => {
  const element = event.detail.elt;
  if (!element.hasAttribute("data-live")) return;
  const last = Number(element.dataset.askedAt || 0);
  if (document.hidden && Date.now() - last < 30000) event.preventDefault();
  else element.dataset.askedAt = Date.now();
});

// What has not changed is not sent again.
document.addEventListener("htmx:configRequest", (event) => {
  const etag = event.detail.elt.dataset.etag;
  if (etag) event.detail.headers["If-None-Match"] = `"${etag}"`;
});

function lost(isLost) {
  document.getElementById("offline").hidden = !isLost;
  document.body.classList.toggle("stale", isLost);
}
document.addEventListener("htmx:sendError", () => lost(true));
document.addEventListener("htmx:timeout", () => lost(true));
document.addEventListener("htmx:responseError", (event) => {
  // A part that is refused or gone does not move any more, and what stands there is old.
  if (event.detail.elt.hasAttribute("data-live") && event.detail.xhr.status >= 400) lost(true);
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status < 400) lost(false);
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.querySelectorAll("[data-live]").forEach((live) => htmx.trigger(live, "refresh"));
});
window.addEventListener("online", () => {
  document.querySelectorAll("[data-live]").forEach((live) => htmx.trigger(live, "refresh"));
});
window.addEventListener("offline", () => lost(true));

// A form is sent once; the server would make nothing twice, and this says so sooner.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent && form.method === "post") {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  window.setTimeout(() => delete form.dataset.sent, 4000);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// One box that ticks the others.
document.addEventListener("change", (event) => {
  const all = event.target;
  if (!all.hasAttribute("data-all")) return;
  all.form.querySelectorAll(`input[name="${all.dataset.all}"]`).forEach((box) => (box.checked = all.checked));
});

// Who types a number has found the order.
document.addEventListener("input", (event) => {
  const name = event.target.dataset.chooses;
  if (!name || !event.target.value.trim()) return;
  event.target.form.querySelector(`input[name="${name}"][value="shipped"]`).checked = true;
});

// What is looked for elsewhere is copied by a button, where the browser lets it be.
if (navigator.clipboard) document.querySelectorAll("[data-copy]").forEach((button) => (button.hidden = false));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const marked = button.closest("fieldset").querySelector("bdi");
  navigator.clipboard.writeText(button.dataset.copy).then(
    () => (button.textContent = button.dataset.copied),
    () => window.getSelection().selectAllChildren(marked), // not allowed: one key copies what is marked
  );
});

// A city that is chosen from the carrier's list brings its department.
document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.hasAttribute("data-city")) return;
  const chosen = [...field.list.options].find((option) => option.value === field.value);
  if (!chosen) return;
  field.value = chosen.dataset.city;
  const department = field.form.elements[field.name.replace("city-", "department-")];
  if (department) department.value = chosen.dataset.department;
});

// A file is dropped on its field.
document.querySelectorAll("[data-drop]").forEach((zone) => {
  const input = zone.querySelector("input[type=file]");
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
});

// The next step of an import goes by itself.
document.querySelectorAll("form[data-go-on]").forEach((form) => form.requestSubmit());
