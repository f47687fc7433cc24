// The media-chrome elements as Svelte's templates see them.
import 'svelte/elements';

type Loose = import('svelte/elements').HTMLAttributes<HTMLElement> & Record<string, unknown>;

declare module 'svelte/elements' {
  interface HTMLAttributes<T extends EventTarget> {
    noautohide?: boolean;
  }

  interface SvelteHTMLElements {
    'media-controller': Loose;
    'media-control-bar': Loose;
    'media-time-range': Loose;
    'media-preview-thumbnail': Loose;
    'media-preview-chapter-display': Loose;
    'media-preview-time-display': Loose;
    'media-play-button': Loose;
    'media-seek-backward-button': Loose;
    'media-seek-forward-button': Loose;
    'media-mute-button': Loose;
    'media-volume-range': Loose;
    'media-time-display': Loose;
    'media-pip-button': Loose;
    'media-fullscreen-button': Loose;
  }
}
