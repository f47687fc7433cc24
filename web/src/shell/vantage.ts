// "View as": a demonstration lets one browser watch as if it stood elsewhere (public/view-as.js says it for each request).
const WORKER = '/view-as.js';

/** Whether this browser can say so: a page of this machine or over TLS. */
export function canMove(): boolean {
  return 'serviceWorker' in navigator;
}

/** The address that requests come from; empty where they say none. */
export function addressNow(): string {
  return addressOf(navigator.serviceWorker?.controller?.scriptURL);
}

export function addressOf(worker: string | undefined): string {
  return worker ? (new URL(worker).searchParams.get('address') ?? '') : '';
}

/** Watches from another address, or from nowhere in particular, from the next page on. */
export async function moveTo(address: string) {
  const workers = navigator.serviceWorker;
  if (!address) {
    for (const each of await workers.getRegistrations()) await each.unregister();
    return;
  }
  const script = `${WORKER}?address=${encodeURIComponent(address)}`;
  await workers.register(script, { scope: '/', updateViaCache: 'none' });
  await taken(address);
}

// The old worker answers until the new one has taken over.
function taken(address: string): Promise<void> {
  return new Promise((done) => {
    const look = () => addressNow() === address && (navigator.serviceWorker.removeEventListener('controllerchange', look), done());
    navigator.serviceWorker.addEventListener('controllerchange', look);
    look();
  });
}
