// Pictures that may not be there: a title may have no still yet.

/** For `onerror` of a picture: takes it out of sight, so that what lies behind it stands for it. */
export function withoutPicture(event: Event) {
  (event.currentTarget as HTMLElement).style.visibility = 'hidden';
}

/** For `onload`: a picture that comes later is shown again. */
export function withPicture(event: Event) {
  (event.currentTarget as HTMLElement).style.visibility = '';
}

/** The address of a picture after `turn` changes of what may be shown: the browser must not show what it stored. */
export function renewed(address: string, turn: number): string {
  return turn ? `${address}?turn=${turn}` : address;
}
