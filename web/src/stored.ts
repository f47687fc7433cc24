// What the browser keeps for the viewer. Storage may be switched off; then a visit simply starts fresh.
export function stored<T>(key: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(`phim.${key}`);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

export function store(key: string, value: unknown) {
  try {
    localStorage.setItem(`phim.${key}`, JSON.stringify(value));
  } catch {
    return;
  }
}
