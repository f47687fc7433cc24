// A demonstration only: every request of this site says that it comes from the address in this worker's own address.
// A server outside of a demonstration trusts no such words. A worker, because pictures, tracks and the news carry no
// header that a page could set.
const address = new URL(self.location.href).searchParams.get('address');

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (!address || request.mode === 'navigate' || new URL(request.url).origin !== self.location.origin) return;
  const headers = new Headers(request.headers);
  headers.set('X-Forwarded-For', address);
  // What the browser stored for another place is not what this one gets.
  const said = new Request(request, { headers, mode: 'same-origin', cache: 'no-store' });
  event.respondWith(fetch(said));
});
