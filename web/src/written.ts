// Numbers as people read them, in the language of the page.

/** A position as a player writes it: 0:07, 52:08, 1:02:03. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A length as prose has it: 52 giây, 1시간 30분, 5 min. Below two minutes it counts seconds. */
export function length(seconds: number, language: string): string {
  const unit = (value: number, name: 'hour' | 'minute' | 'second') =>
    new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: name === 'second' ? 'long' : 'short' }).format(value);
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return unit(whole, 'second');
  const minutes = Math.round(whole / 60);
  const hours = Math.floor(minutes / 60);
  return [hours && unit(hours, 'hour'), (minutes % 60 || !hours) && unit(minutes % 60, 'minute')].filter(Boolean).join(' ');
}

/** Bytes in decimal units, two or three digits: 214 kB, 1,2 MB. */
export function bytes(count: number, language: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const step = Math.min(units.length - 1, count < 1 ? 0 : Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** step;
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[step]!,
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
  }).format(value);
}

export function share(part: number, language: string): string {
  // Rounded down: a version that shares almost everything must not claim to share it all.
  const digits = part > 0.99 && part < 1 ? 1 : 0;
  const cut = Math.floor(part * 100 * 10 ** digits) / 10 ** digits / 100;
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: digits }).format(cut);
}

export function number(value: number, language: string, digits = 0): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}

/** A language's name in its own words: Tiếng Việt, 한국어, English. */
export function ownName(tag: string): string {
  try {
    const name = new Intl.DisplayNames([tag], { type: 'language', fallback: 'none' }).of(tag);
    return name ? name.charAt(0).toLocaleUpperCase(tag) + name.slice(1) : tag;
  } catch {
    return tag;
  }
}

/** A country's name in the language of the page: Việt Nam, 베트남, Vietnam. */
export function placeName(territory: string, language: string): string {
  try {
    return new Intl.DisplayNames([language], { type: 'region' }).of(territory) ?? territory;
  } catch {
    return territory;
  }
}

/** The number behind `24` or `24000/1001`; 0 where there is none. */
export function framesPerSecond(rate: string): number {
  const [over = 0, under = 1] = rate.split('/').map(Number);
  return over > 0 && under > 0 ? over / under : 0;
}

/** The first letter large, as a line that stands alone has it. */
export function sentence(text: string, language: string): string {
  const [first = '', ...rest] = text;
  return first.toLocaleUpperCase(language) + rest.join('');
}
