// What the house tells pages: that what may be played has changed. Nothing more; each page then asks again.

/** A page asks no sooner after it lost the house for good, e.g. while the server starts anew. */
const AGAIN = 2000;

/** Calls `changed` whenever what may be played has changed, and whenever that may have been missed. Returns how to end it. */
export function followNews(changed: () => void): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = new EventSource('/api/v1/news');
    source.addEventListener('changed', changed);
    source.addEventListener('error', () => {
      // A connection that merely ended is opened again by the browser; one that was refused is not.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
