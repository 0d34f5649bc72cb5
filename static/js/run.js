// Takes the state of a run from its page every two seconds; without this script the page refreshes itself.
(function () {
  "use strict";

  const PAUSE = 2000;
  const LONGEST_PAUSE = 15000;
  let pause = PAUSE;

  function again() {
    window.setTimeout(ask, pause);
  }

  function show(text) {
    const found = new DOMParser().parseFromString(text, "text/html").getElementById("run");
    const old = document.getElementById("run");
    if (!found || !old) {
      window.location.reload();
      return;
    }
    old.replaceWith(found);
    if (found.dataset.run) {
      pause = PAUSE;
      again();
    }
  }

  function ask() {
    fetch(window.location.href, { credentials: "same-origin", headers: { Accept: "text/html" } })
      .then(function (answer) {
        if (!answer.ok) {
          throw new Error(String(answer.status));
        }
        return answer.text();
      })
      .then(show)
      .catch(function () {
        // The server is away for a moment: ask less often.
        pause = Math.min(pause * 2, LONGEST_PAUSE);
        again();
      });
  }

  again();
})();
