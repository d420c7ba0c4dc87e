/** A step of a move: what to do, and the code that does it. Backquotes in texts mark code. */
export type MovingStep = { title: string; text: string; code?: string };

/** How to move in from one kind of gateway. */
export type MovingGuide = {
  /** In the page's address. */
  id: string;
  title: string;
  /** By what people know that it is theirs. */
  summary: string;
  /** What something is called there, and here. */
  terms: readonly { theirs: string; ours: string }[];
  steps: readonly MovingStep[];
  /** What stays behind, and why. */
  left: readonly { what: string; why: string }[];
};

/** How every move begins. */
export const SIGN_IN: MovingStep = {
  title: "Sign in the CLI",
  text: "`ADMIN_API_KEY` is what you set; an embedded gateway keeps its own in `secrets.json` in `DATA_DIR`. The scripts below use the same two variables.",
  code: `export TOLLGATE_URL=http://localhost:3000
export TOLLGATE_TOKEN=$ADMIN_API_KEY
npx tollgate org list`,
};

/** How every move ends. */
export const compare = (group: string): MovingStep => ({
  title: "Switch over, and compare",
  text: "Point the clients' base URL here: `/v1/chat/completions`, `/chat/completions` and `/llm/v1/chat/completions` are the same endpoint. Then compare a day's sums with the old gateway's.",
  code: `npx tollgate usage --by ${group} --from 2026-01-31 --to 2026-02-01`,
});

/**
 * The lines of a CSV for `read`: without the mark that spreadsheets begin a file with, and without carriage returns.
 * @param from the first line that is not a header
 */
export const linesOf = (file: string, from: 1 | 2 = 1): string =>
  `sed '1s/^\\xef\\xbb\\xbf//; s/\\r$//; /^$/d' ${file}${from === 1 ? "" : ` | tail -n +${from}`}`;

/** What a script reads of such lines. */
export const CSV_NOTE = "Fields are without quotes and commas.";
