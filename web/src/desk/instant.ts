// Instants and time left, as people at the desk and at the authority read them.

// Where the browser does not know a territory's zone. The server counts in the zones of packs/.
const ZONES: Record<string, string> = { VN: 'Asia/Ho_Chi_Minh', KR: 'Asia/Seoul' };

/** The one time zone of these territories; `undefined` where they have more than one, or it is not known. */
export function zoneOf(territories: string[]): string | undefined {
  const zones = new Set(territories.map((each) => ZONES[each] ?? only(each)));
  return zones.size === 1 ? [...zones][0] : undefined;
}

function only(territory: string): string | undefined {
  const locale = new Intl.Locale('und', { region: territory }) as Intl.Locale & { getTimeZones?: () => string[] };
  const zones = locale.getTimeZones?.() ?? [];
  return zones.length === 1 ? zones[0] : undefined;
}

/** `zone` undefined: the viewer's own. */
export function instant(at: number, language: string, zone?: string, seconds = false): string {
  const day = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', year: 'numeric', timeZone: zone });
  const time = new Intl.DateTimeFormat(language, {
    hour: '2-digit', minute: '2-digit', second: seconds ? '2-digit' : undefined, hourCycle: 'h23', timeZone: zone, timeZoneName: 'short',
  });
  return `${day.format(at)}, ${time.format(at)}`;
}

/** A time that passes, in its two largest units: 1 day 4 hours, 23 giờ 12 phút, 40초. */
export function span(ms: number, language: string): string {
  const units = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000], ['second', 1000]] as const;
  const size = Math.abs(ms);
  if (size < 1000) return unit(Math.round(size), 'millisecond', language);
  const first = units.findIndex(([, length]) => size >= length);
  const [name, length] = units[first]!;
  const next = units[first + 1];
  const whole = Math.floor(size / length);
  const rest = next ? Math.floor((size % length) / next[1]) : 0;
  return [unit(whole, name, language), rest && next ? unit(rest, next[0], language) : ''].filter(Boolean).join(' ');
}

function unit(value: number, name: string, language: string): string {
  return new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'long' }).format(value);
}

/** A moment of a film to the hundredth: 0:10.40, 41:18.00. */
export function moment(seconds: number): string {
  const all = Math.max(0, Math.round(seconds * 100));
  const two = (value: number) => String(value).padStart(2, '0');
  const [h, m, s] = [Math.floor(all / 360_000), Math.floor(all / 6000) % 60, Math.floor(all / 100) % 60];
  return `${h ? `${h}:${two(m)}` : m}:${two(s)}.${two(all % 100)}`;
}
