#!/usr/bin/env node
// The command `weir`. Plain JavaScript of an old kind, so that an older Node can still read it and say
// which Node is needed, instead of failing on syntax that it does not know.
'use strict';

var needed = 26;
var major = parseInt(process.versions.node, 10);
if (major < needed) {
  process.stderr.write(
    'weir needs Node.js ' +
      needed +
      ' or newer, and this is Node.js ' +
      process.versions.node +
      '.\nInstall a newer Node.js, or run `npm install --save-dev node@' +
      needed +
      '` in your project and start weir with `npx weir`.\n',
  );
  process.exit(1);
}

var fs = require('fs');
var path = require('path');
var url = require('url');

// A checkout has the source beside this file; the published package has it compiled.
var source = path.join(__dirname, 'main.ts');
var compiled = path.join(__dirname, '../../dist/host/cli/main.js');
import(url.pathToFileURL(fs.existsSync(source) ? source : compiled).href).then(
  (main) => main.main(process.argv.slice(2)),
  (error) => {
    process.stderr.write('weir could not start: ' + (error && error.stack ? error.stack : error) + '\n');
    process.exit(1);
  },
);
