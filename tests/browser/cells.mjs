// How a frame spells its number: shared by the maker of films, the decoder checks and the page in the browser.
//
// A row has 20 cells: white, black (the references), 16 bits of the number from the lowest, the parity of the
// even bits, the parity of the odd bits. The number is film * 16384 + frame. A cell is a twentieth of the
// width and of the height, so it survives any rung of a ladder and any quality a film is ever shown at.
export const CELLS = 20;
export const FILM = 16384;

/// The number that 20 brightnesses (0 to 255) spell, or null where they spell none.
export function decodeCells(cells) {
  const [white, black] = cells;
  if (white - black < 100) return null;
  const bits = cells.slice(2).map((value) => (value > (white + black) / 2 ? 1 : 0));
  const number = bits.slice(0, 16).reduce((total, value, n) => total + value * 2 ** n, 0);
  const parity = (from) => [0, 2, 4, 6, 8, 10, 12, 14].reduce((total, n) => total + bits[n + from], 0) % 2;
  return parity(0) === bits[16] && parity(1) === bits[17] ? number : null;
}

/// The height in pixels of one row of cells in a picture of this height.
export const rowHeight = (height) => Math.round(height / CELLS / 2) * 2;

function readRow(luma, width, height, top) {
  const middle = Math.floor(top + rowHeight(height) / 2);
  const cell = (n) => {
    const from = Math.floor(((n + 0.3) * width) / CELLS);
    const to = Math.max(from + 1, Math.floor(((n + 0.7) * width) / CELLS));
    let total = 0;
    for (let x = from; x < to; x += 1) total += luma[middle * width + x];
    return total / (to - from);
  };
  return decodeCells(Array.from({ length: CELLS }, (_, n) => cell(n)));
}

/// The number of one frame of luma, or null: both rows must spell the same.
export function readFrame(luma, width, height) {
  const upper = readRow(luma, width, height, 0);
  return upper === readRow(luma, width, height, height - rowHeight(height)) ? upper : null;
}
