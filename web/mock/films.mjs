// The two titles of the mock house and their versions. Positions in seconds on the source timeline.
const film = (title, from, to) => ({ kind: 'film', title, from, seconds: to - from });
const SINTEL_END = 52.208;
const BUNNY_END = 5.28;

export const subtitles = {
  vi: [
    [12.1, 14.6, 'Thanh gươm này có một quá khứ u tối.'],
    [16.6, 20.0, 'Nó đã làm đổ nhiều máu vô tội.'],
    [21.2, 25.5, 'Ngươi thật dại dột khi đi một mình,\nmà chẳng chuẩn bị gì cả.'],
    [30.2, 33.8, 'Điều gì đưa ngươi đến vùng đất của những người gác cổng?'],
    [34.2, 37.0, 'Tôi đang tìm một người.'],
  ],
  ko: [
    [12.1, 14.6, '이 칼에는 어두운 과거가 있소.'],
    [16.6, 20.0, '죄 없는 이들의 피를 많이 흘렸지.'],
    [21.2, 25.5, '아무 준비도 없이 혼자 다니다니,\n참으로 무모하구려.'],
    [30.2, 33.8, '무슨 일로 문지기의 땅에 왔소?'],
    [34.2, 37.0, '누군가를 찾고 있어요.'],
  ],
  en: [
    [12.1, 14.6, 'This blade has a dark past.'],
    [16.6, 20.0, 'It has shed much innocent blood.'],
    [21.2, 25.5, "You're a fool for travelling alone,\nso completely unprepared."],
    [30.2, 33.8, 'What brings you to the land of the gatekeepers?'],
    [34.2, 37.0, "I'm searching for someone."],
  ],
};

const card = {
  kind: 'card',
  seconds: 4,
  lines: { vi: 'Phim dành cho khán giả từ 13 tuổi trở lên', ko: '13세 이상 관람가' },
};

export const films = [
  {
    id: 'sintel',
    name: { en: 'Sintel', vi: 'Sintel', ko: '신텔' },
    audio: [
      { lang: 'en', label: 'English' },
      { lang: 'vi', label: 'Thuyết minh', filter: 'aecho=0.8:0.7:60:0.4' },
    ],
    text: [
      { lang: 'vi', label: 'Tiếng Việt' },
      { lang: 'ko', label: '한국어' },
      { lang: 'en', label: 'English' },
    ],
    chapters: [
      [0, 10.4, 'Snow'],
      [10.4, 29, 'The blade'],
      [29, 60, 'The search'],
    ],
    versions: [
      {
        name: 'whole',
        label: { en: 'Whole film', vi: 'Bản đầy đủ', ko: '전체판' },
        spans: [film('sintel', 0, SINTEL_END)],
        poster: 24,
        bytes_added: 0,
        bytes_shared: 9_812_000,
      },
      {
        name: 'two-scenes-removed',
        label: { en: 'Two scenes removed', vi: 'Bỏ hai cảnh', ko: '두 장면 삭제판' },
        spans: [
          film('sintel', 0, 250 / 24),
          film('sintel', 417 / 24, 700 / 24),
          film('sintel', 748 / 24, SINTEL_END),
        ],
        poster: 17,
        bytes_added: 214_300,
        bytes_shared: 8_004_120,
      },
      {
        name: 'rating-card',
        label: { en: 'With a rating card', vi: 'Có thẻ phân loại', ko: '등급 안내판' },
        spans: [card, film('sintel', 0, SINTEL_END)],
        poster: 40,
        bytes_added: 38_900,
        bytes_shared: 9_812_000,
      },
      {
        name: 'festival-reel',
        label: { en: 'Festival reel', vi: 'Bản giới thiệu liên hoan', ko: '영화제 소개 영상' },
        spans: [film('sintel', 2, 14), film('bunny', 0.5, 4.5), film('sintel', 30, 40)],
        poster: 13,
        bytes_added: 151_700,
        bytes_shared: 4_480_000,
      },
    ],
  },
  {
    id: 'bunny',
    name: { en: 'Big Buck Bunny', vi: 'Chú thỏ Big Buck', ko: '빅 벅 버니' },
    audio: [{ lang: 'en', label: 'Original' }],
    text: [],
    chapters: [],
    versions: [
      {
        name: 'whole',
        label: { en: 'Whole film', vi: 'Bản đầy đủ', ko: '전체판' },
        spans: [film('bunny', 0, BUNNY_END)],
        poster: 2,
        bytes_added: 0,
        bytes_shared: 1_201_000,
      },
    ],
  },
];
