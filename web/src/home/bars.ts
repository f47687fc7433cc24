// Black bars inside a still. Trailers and old masters carry them in the picture; a card or a hero is better without.
const ROWS = 72;
const COLUMNS = 16;
const DARK = 14;
/** Bars beyond this share of the height are a dark scene, not bars. */
const MOST = 0.2;

/** How much the picture has to grow for its top and bottom bars to leave the frame. */
export function growth(luma: ArrayLike<number>, columns = COLUMNS): number {
  const rows = luma.length / columns;
  const dark = (row: number) => {
    for (let n = 0; n < columns; n += 1) if (luma[row * columns + n]! > DARK) return false;
    return true;
  };
  let top = 0;
  while (top < rows && dark(top)) top += 1;
  let bottom = 0;
  while (bottom < rows - top && dark(rows - 1 - bottom)) bottom += 1;
  // The same bar above and below, or none at all.
  const bar = Math.min(top, bottom) / rows;
  if (bar === 0 || bar > MOST || Math.abs(top - bottom) > 2) return 1;
  return 1 / (1 - 2 * (bar + 0.5 / rows));
}

/** For `{@attach}` on an image of this house: enlarges it past its own bars once it is there. */
export function withoutBars(image: HTMLImageElement) {
  const look = () => {
    const canvas = new OffscreenCanvas(COLUMNS, ROWS);
    const pen = canvas.getContext('2d', { willReadFrequently: true });
    if (!pen || !image.naturalWidth) return;
    pen.drawImage(image, 0, 0, COLUMNS, ROWS);
    const { data } = pen.getImageData(0, 0, COLUMNS, ROWS);
    const luma = Array.from({ length: COLUMNS * ROWS }, (_, n) => Math.max(data[n * 4]!, data[n * 4 + 1]!, data[n * 4 + 2]!));
    image.style.scale = String(growth(luma));
  };
  if (image.complete) look();
  image.addEventListener('load', look);
  return () => image.removeEventListener('load', look);
}
