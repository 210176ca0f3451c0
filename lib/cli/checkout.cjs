// Whether this Node runs the checkout's TypeScript. CommonJS in the oldest JavaScript, so that every Node gets as far as the
// sentence: `npm ci --ignore-scripts` leaves out the Node that is a development dependency, and scripts then run on
// whichever the machine has.
'use strict';
if (!process.features.typescript) {
  process.stderr.write(
    'dtm-exporter: needs a Node.js that runs TypeScript (22.18 or newer), this is ' +
      process.versions.node +
      ': run npm ci without --ignore-scripts, which installs one, or install a newer one from https://nodejs.org\n',
  );
  process.exitCode = 2;
}
