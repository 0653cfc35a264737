// Lets plain Node.js load the TypeScript of the library and of these tests, as Jest does. What is measured must not run
// in Jest: in its sandbox, to look up `Object` or `Array` costs more than most of what is measured.
const { transformFileSync } = require('@swc/core');

exports.loadTypeScript = () => {
  require.extensions['.ts'] = (module, file) => module._compile(transformFileSync(file).code, file);
};
