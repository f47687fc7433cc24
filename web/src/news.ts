// What the house tells pages: that what may be played has changed. Nothing more; each page then asks again.

/** A page asks no sooner after it lost the house for good, e.g. while the server starts anew. */
const AGAIN = 2000;
/** A page never waits longer than this, whatever it is told: its buffer must be empty within two seconds. */
const LONGEST = 1000;

/**
 * Calls `changed` whenever what may be played has changed, and whenever that may have been missed. Each event names
 * milliseconds over which pages spread their questions, so that many do not ask at once. Returns how to end it.
 */
export function followNews(changed: () => void): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waits: ReturnType<typeof setTimeout> | undefined;
  const heard = (event: MessageEvent<string>) => {
    // What comes while this page waits is answered by the same question.
    waits ??= setTimeout(() => {
      waits = undefined;
      changed();
    }, Math.random() * spreadIn(event.data));
  };
  const open = () => {
    source = new EventSource('/api/v1/news');
    source.addEventListener('changed', heard);
    source.addEventListener('error', () => {
      // A connection that merely ended is opened again by the browser; one that was refused is not.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    clearTimeout(waits);
    source.close();
  };
}

function spreadIn(told: string): number {
  const spread = Number(told);
  return spread > 0 ? Math.min(spread, LONGEST) : 0;
}
