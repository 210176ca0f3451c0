// Checks that this Node can run the checkout's TypeScript. `npm ci --ignore-scripts` does not install the Node that is
// a development dependency, so scripts then run on the machine's Node. This file is CommonJS in old JavaScript, so that
// every Node can print the message.
'use strict';
if (!process.features.typescript) {
  process.stderr.write(
    'dtm-exporter: needs a Node.js that runs TypeScript (22.18 or newer), this is ' +
      process.versions.node +
      ': run npm ci without --ignore-scripts, which installs one, or install a newer one from https://nodejs.org\n',
  );
  process.exitCode = 2;
}
