// The pack is TypeScript of today. The SDK's host has registered its own loader, with a compiler of 2020, which would
// refuse it: that one is taken out, and tsx transpiles instead.
for (const extension of [".ts", ".tsx"]) delete require.extensions[extension];
require("./lazy.js");
require("tsx/cjs");
module.exports = require("./index.ts");
