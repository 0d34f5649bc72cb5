/* What scripts add to a page that works without them: a countdown, printing, copying the address. */
(function () {
  "use strict";

  const SECOND = 1000;
  const TRUSTED = 30 * SECOND;

  function two(number) {
    return String(number).padStart(2, "0");
  }

  function left(milliseconds) {
    const seconds = Math.floor(milliseconds / SECOND);
    const days = Math.floor(seconds / 86400);
    const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(":");
    return "还有 " + (days > 0 ? days + " 天 " : "") + clock;
  }

  function countDown(element, skew) {
    const end = Date.parse(element.dataset.deadline);
    const tick = function () {
      const rest = end - (Date.now() + skew);
      if (rest <= 0) {
        element.textContent = "已截止";
        element.parentElement.className = "deadline past";
        return;
      }
      element.textContent = left(rest);
      window.setTimeout(tick, SECOND - ((Date.now() + skew) % SECOND));
    };
    tick();
  }

  /* Clocks of office machines go wrong: the server's tells how far. */
  async function serverSkew() {
    try {
      const before = Date.now();
      const answer = await fetch(document.querySelector("link[rel=icon]").href, { method: "HEAD", cache: "no-store" });
      const there = Date.parse(answer.headers.get("Date"));
      const here = (before + Date.now()) / 2;
      return Number.isNaN(there) || Math.abs(there - here) < TRUSTED ? 0 : there - here;
    } catch {
      return 0;
    }
  }

  async function startCountdowns() {
    const found = document.querySelectorAll("[data-deadline]");
    if (found.length === 0) {
      return;
    }
    const skew = await serverSkew();
    found.forEach(function (element) {
      countDown(element, skew);
    });
  }

  function say(text) {
    const status = document.querySelector("[data-status]");
    if (status) {
      status.textContent = text;
    }
  }

  async function copy(button) {
    const words = button.textContent;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "已复制";
      say("网址已复制");
      window.setTimeout(function () {
        button.textContent = words;
      }, 2 * SECOND);
    } catch {
      say("不能复制，请选中网址后按 Ctrl+C");
    }
  }

  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      window.print();
    });
  });
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    /* Browsers lend the clipboard to secure pages only. */
    if (navigator.clipboard) {
      button.hidden = false;
      button.addEventListener("click", function () {
        copy(button);
      });
    }
  });
  startCountdowns();
})();
