const Module = require("node:module");

// The SDK loads npm's resolver of dependencies and a TypeScript compiler, half of the pack's start, for programs that
// serialise functions. A pack does not: they are loaded when somebody asks for them.
const sdk = Module.createRequire(require.resolve("@pulumi/pulumi"));

for (const name of ["@npmcli/arborist", "@pulumi/pulumi/typescript-shim"]) loadWhenAsked(name);

function loadWhenAsked(name) {
  let file;
  try {
    file = sdk.resolve(name);
  } catch {
    // An SDK without it.
    return;
  }
  if (require.cache[file]) return;
  let real;
  const load = () => {
    if (real === undefined) {
      delete require.cache[file];
      real = sdk(name);
    }
    return real;
  };
  const exports = new Proxy({}, { get: (_, key) => (key === "__esModule" ? true : load()[key]) });
  require.cache[file] = Object.assign(new Module(file), { filename: file, loaded: true, exports });
}
