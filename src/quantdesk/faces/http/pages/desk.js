"use strict";
// Filter, sign-in and "try it". Everything else on the page is plain HTML made by the desk.
(() => {
  let token = null;
  const byId = (id) => document.getElementById(id);
  const bearer = () => (token ? { Authorization: `Bearer ${token}` } : {});

  byId("filter").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/);
    for (const operation of document.querySelectorAll("details.operation")) {
      const text = operation.dataset.text;
      operation.hidden = !words.every((word) => text.includes(word));
    }
  });

  byId("sign-in").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const answer = await fetch(event.target.dataset.path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(Object.fromEntries(form)),
    });
    const reply = await answer.json();
    token = answer.ok ? reply.data.access_token : null;
    byId("who").textContent = answer.ok ? `signed in as ${reply.data.username}` : reply.detail;
    event.target.reset();
  });

  for (const form of document.querySelectorAll("form.try")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const query = new URLSearchParams();
      let path = form.dataset.path;
      for (const input of form.querySelectorAll("input[name]")) {
        if (input.dataset.place === "path") {
          path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
        } else if (input.value !== "") {
          query.set(input.name, input.value);
        }
      }
      const body = form.querySelector("textarea");
      const shown = form.querySelector("pre");
      const stop = new AbortController();
      if (form.dataset.streams) setTimeout(() => stop.abort(), 5000);
      shown.hidden = false;
      shown.textContent = "…";
      try {
        const answer = await fetch(query.size ? `${path}?${query}` : path, {
          method: form.dataset.method,
          headers: { ...bearer(), ...(body ? { "Content-Type": "application/json" } : {}) },
          body: body ? body.value : undefined,
          signal: stop.signal,
        });
        shown.textContent = `${answer.status} ${answer.headers.get("content-type")}\n`;
        if (form.dataset.streams && answer.ok) {
          const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
          for (let part = await reader.read(); !part.done; part = await reader.read()) {
            shown.textContent += part.value;
          }
        } else {
          shown.textContent += JSON.stringify(await answer.json(), null, 2);
        }
      } catch (error) {
        shown.textContent += stop.signal.aborted ? "(stopped after five seconds)" : String(error);
      }
    });
  }
})();
