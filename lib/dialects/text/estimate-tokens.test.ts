import { countTokens as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { countTokens as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { quickestMs } from "#lib/testing/promptness";
import { estimateTextTokens, tokenEstimate } from "./estimate-tokens";

const PROSE =
  "The harbour was quiet when the ferry came in. Three passengers went ashore: a teacher, her brother and an old man who carried nothing but a violin. Nobody had expected them before Thursday, so the inn's only free room was the one above the kitchen, which smelled of onions.\n\n";
const CODE = `export async function readAll(source: AsyncIterable<Buffer>, maxBytes = 1024): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of source) {
    total += chunk.length;
    if (total > maxBytes) throw new RangeError(\`more than \${maxBytes} bytes\`);
    chunks.push(chunk); // copied once, at the end
  }
  return Buffer.concat(chunks, total);
}
`;
const PYTHON = `def fib(n):
    if n <= 1:
        return n
    else:
        return fib(n-1) + fib(n-2)

print([fib(i) for i in range(20)])
`;
const rows = Array.from({ length: 40 }, (_, index) => ({
  id: 1000 + index * 37,
  email: `person${index}@mail.example`,
  total_usd: (index * 17.31).toFixed(2),
  is_active: index % 3 === 0,
  tags: ["new", "trial"],
}));

const TEXTS: Readonly<Record<string, string>> = {
  prose: PROSE,
  "long prose": PROSE.repeat(400),
  code: CODE,
  "long code": CODE.repeat(200),
  Python: PYTHON,
  JSON: JSON.stringify(rows),
  "indented JSON": JSON.stringify(rows, null, 2),
  "a table": rows.map((row) => `| ${row.id} | ${row.email} | ${row.total_usd} |`).join("\n"),
  Markdown: `# Notes\n\n- **First**: ${PROSE}\n- [link](https://host.example/path?q=1)\n\n---\n\n${PROSE}`,
  Chinese: "港口很安静,渡轮进港时只有三名乘客上岸:一位老师、她的弟弟,还有一位只带着小提琴的老人。".repeat(20),
  Japanese:
    "フェリーが入ってきたとき、港は静かでした。三人の乗客が上陸し、宿の空き部屋は台所の上だけだった。".repeat(
      20,
    ),
  Korean:
    "배가 들어왔을 때 항구는 조용했다. 승객 세 명이 내렸고 여관에는 부엌 위의 방 하나만 비어 있었다. ".repeat(
      20,
    ),
  Russian:
    "Когда паром вошёл в гавань, было тихо. На берег сошли трое: учительница, её брат и старик. ".repeat(20),
  German:
    "Der Hafen war ruhig, als die Fähre einlief. Drei Fahrgäste gingen an Land und suchten ein Zimmer. ".repeat(
      20,
    ),
  French:
    "Le port était calme quand le ferry arriva. Trois passagers débarquèrent, et l'auberge était pleine. ".repeat(
      20,
    ),
  Arabic: "كان الميناء هادئا عندما وصلت العبارة ونزل ثلاثة ركاب إلى الشاطئ وبحثوا عن غرفة. ".repeat(20),
  Hindi: "जब नौका आई तो बंदरगाह शांत था। तीन यात्री उतरे और सराय में केवल एक कमरा खाली था। ".repeat(20),
  Polish:
    "Kiedy prom wpłynął, w porcie było cicho. Trzej pasażerowie zeszli na ląd i szukali pokoju. ".repeat(20),
  Finnish: "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan. ".repeat(20),
  Vietnamese: "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi. ".repeat(20),
  emoji: "Great 👍🏽 see you 🎉🎉 tomorrow 😀 ".repeat(30),
  hexadecimal: Array.from({ length: 60 }, (_, index) => (index * 2654435761).toString(16)).join(" "),
  base64: Buffer.from(Array.from({ length: 900 }, (_, index) => (index * 167 + 13) % 251)).toString("base64"),
  numbers: Array.from({ length: 300 }, (_, index) => String(index * index * 31)).join(", "),
  "lines that end in CR and LF": `${PROSE.trim()}\r\n`.repeat(20),
  "a log": Array.from(
    { length: 40 },
    (_, index) =>
      `2026-03-0${(index % 9) + 1}T10:${10 + index}:07.123Z INFO [worker-${index}] request done path=/v1/items status=200 ms=${index * 3}`,
  ).join("\n"),
};

describe("estimated tokens of a text", () => {
  test.each(Object.entries(TEXTS))("are within 0.5 and 2 times the count: %s", (_, text) => {
    const estimate = estimateTextTokens(text);
    const counts = [o200k(text)];
    // The older tokenizer makes several times as many tokens of some scripts as any current one.
    if (!/[\u0600-\u0dff]/.test(text)) counts.push(cl100k(text));
    for (const count of counts) {
      expect(estimate / count).toBeGreaterThan(0.5);
      expect(estimate / count).toBeLessThan(2);
    }
  });

  // Of these, vocabularies have few words: a character is a token, or each of its bytes.
  test.each([
    ["Amharic", "የሰው ልጅ ሁሉ ሲወለድ ነጻና በክብርና በመብትም እኩልነት ያለው ነው። "],
    ["Lao", "ມະນຸດເກີດມາມີສິດເສລີພາບ ແລະ ສະເໝີໜ້າກັນ "],
    ["Basque", "Gizon-emakume guztiak aske jaiotzen dira, duintasun eta eskubide berberak dituztela. "],
    ["Tibetan", "འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས "],
    ["Greek of old", "Μῆνιν ἄειδε θεὰ Πηληϊάδεω Ἀχιλῆος οὐλομένην "],
    ["Cherokee", "ᏂᎦᏓ ᎠᏂᏴᏫ ᏂᎨᎫᏓᎸᎾ ᎠᎴ ᎤᏂᎶᏱᎭ "],
    ["runes", "ᚠᛇᚻ᛫ᛒᛦᚦ᛫ᚠᚱᚩᚠᚢᚱ᛫ᚠᛁᚱᚪ "],
    ["Braille", "⠁⠇⠇⠀⠓⠥⠍⠁⠝⠀⠃⠑⠊⠝⠛⠎ "],
    ["Yi", "ꊿꂷꃅꄿꐨꐥ "],
    ["hieroglyphs", "𓀀𓀁𓀂𓁐𓂋𓃭"],
    ["rare Han", "𠀀𠀁𠀂𠀃𠀄鰀鰁鰂"],
    ["letters of mathematics", "𝔄𝔅𝔇𝔈 ∀x∈ℝ: ∃y≥0 ⇒ ∑ᵢαᵢ ≠ ∞ "],
    ["phonetic letters", "ðə ˈnɔːθ ˈwɪnd ən ðə ˈsʌn wɜː dɪˈspjuːtɪŋ "],
    ["marks upon marks", "H\u0308\u0335e\u0322l\u0330l\u0336o "],
    ["families of emoji", "👩‍👩‍👧‍👦🇨🇭🇩🇪"],
    ["capitals", "THE QUICK BROWN FOX JUMPED OVER THE LAZY DOG. "],
    ["capitals of no word", "QXZJKWVPQHGTY"],
    ["single digits", "7 3 9 1 "],
    ["single letters", "a b q x "],
    ["white space of two kinds", "\t \n \t\n"],
  ])("are within 0.5 and 2 times the count, where the characters are rare: %s", (_, piece) => {
    const text = piece.repeat(40);
    const ratio = estimateTextTokens(text) / o200k(text);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });

  test("are within 0.5 and 2 times the count of letters at random", () => {
    const letters = Array.from({ length: 1500 }, (_, at) =>
      String.fromCharCode(0x61 + ((at * 7919 + at * at * 31 + (at % 13) * 17) % 26)),
    );
    const text = letters.join("");
    expect(estimateTextTokens(text) / o200k(text)).toBeGreaterThan(0.5);
    expect(estimateTextTokens(text) / o200k(text)).toBeLessThan(2);
  });

  test.each([
    ["", 0],
    ["a", 1],
    ["Hello", 1],
  ])("of %j are %d", (text, tokens) => {
    expect(estimateTextTokens(text)).toBe(tokens);
  });

  test("of 20 MB take less than 5 ms", async () => {
    const text = PROSE.repeat(20_000_000 / PROSE.length);
    expect(await quickestMs(() => estimateTextTokens(text), 10)).toBeLessThan(5);
  });
});

describe("estimated tokens of many texts", () => {
  const expectNear = (tokens: number, count: number) => {
    expect(tokens / count).toBeGreaterThan(0.5);
    expect(tokens / count).toBeLessThan(2);
  };
  const kinds = Object.values(TEXTS).map((text) => text.slice(0, 300));
  test.each([1, 2, 3, 5])("are within 0.5 and 2 times the count, with %i of a kind in a row", (inRow) => {
    const texts = Array.from(
      { length: 12_000 },
      (_, at) => kinds[Math.floor(at / inRow) % kinds.length] ?? "",
    );
    const count = kinds.reduce((sum, text) => sum + o200k(text), 0) * (texts.length / kinds.length);
    const estimate = tokenEstimate();
    for (const text of texts) estimate.add(text);
    expectNear(estimate.tokens(), count);
  });

  test("are those of each text, however the kinds change", () => {
    const estimate = tokenEstimate();
    const [few, many] = ["word ".repeat(60), "我".repeat(300)];
    for (let at = 0; at < 2_000; at++) estimate.add(few);
    for (let at = 0; at < 2_000; at++) estimate.add(many);
    const count = 2_000 * (o200k(few) + o200k(many));
    expectNear(estimate.tokens(), count);
  });
});
