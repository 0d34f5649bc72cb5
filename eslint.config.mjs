import js from "@eslint/js";
import compat from "eslint-plugin-compat";
import globals from "globals";

// Plain scripts for the browsers of such offices: nothing newer than Chromium 86 (package.json, browserslist).
export default [
  js.configs.recommended,
  compat.configs["flat/recommended"],
  {
    files: ["static/js/**/*.js"],
    ignores: ["static/js/log-verify.js"],
    languageOptions: { ecmaVersion: 2019, sourceType: "script", globals: globals.browser },
    rules: { "no-var": "error", "prefer-const": "error", eqeqeq: "error" },
  },
  {
    files: ["static/js/log-verify.js"],
    languageOptions: { ecmaVersion: 2020, sourceType: "module", globals: globals.browser },
    rules: { "no-var": "error", "prefer-const": "error", eqeqeq: "error" },
  },
];
