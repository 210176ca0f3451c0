// Says how far a slow command is: nothing in the first seconds, then a line now and then.

/** Milliseconds between two lines. */
const INTERVAL = 5000;

/** Creates a function that prints `text(done, all)` at most every 5 seconds. */
export function slowProgress(
  note: (line: string) => void,
  text: (done: number, all: number) => string,
): (done: number, all: number) => void {
  let last = Date.now();
  return (done, all) => {
    if (Date.now() - last < INTERVAL || done === all) return;
    last = Date.now();
    note(`dtm-exporter: ${text(done, all)}`);
  };
}
