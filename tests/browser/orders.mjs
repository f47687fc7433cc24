// The proof of orders, in a house of its own: what viewers, decoders and a shared cache get before an order, under it
// and after it. ORDERS names parts of it: viewers, decoded, cache.
import { serveFolders } from './chromium.mjs';
import { openHouse } from './house.mjs';
import { checkCache } from './ordered-cache.mjs';
import { checkOperations } from './ordered-decodes.mjs';
import { addFilm, serveCountries } from './ordered-film.mjs';
import { checkViewers } from './ordered-viewers.mjs';

const wanted = (part) => !process.env.ORDERS || process.env.ORDERS.split(',').includes(part);

export async function checkOrders(modules, check) {
  const house = await openHouse();
  const pages = await serveFolders({ modules });
  try {
    await addFilm(house);
    const origin = await serveCountries(house);
    if (wanted('viewers')) await checkViewers(house, origin, pages.origin, check);
    // The cache has its own two countries, and mostly waits.
    await Promise.all([
      wanted('cache') && checkCache(house, origin, check),
      wanted('decoded') && checkOperations(house, origin, check),
    ]);
  } finally {
    pages.close();
    await house.close();
  }
}
