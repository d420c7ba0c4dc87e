import "server-only";
import type { ProviderError } from "./provider-error";

/** The names that providers give to what is wrong with a key, an account, its balance or its limits. */
const CODES =
  /api_?key|quota|billing|balance|credit|account|organization|project_|subscription|permission|authenti|unauthorized|access_(?:denied|terminated)|rate_limit|resource_exhausted|(?:country|region)_|ip_not|deployment_?not_?found/i;

/** The same in words. Each is about us and cannot be about what a client has sent. */
const WORDS: readonly RegExp[] = [
  /\bapi[ _-]?key\b.{0,30}\b(?:not valid|invalid|expired|revoked|disabled|blocked|not found|missing|leaked|suspended)\b/i,
  /\b(?:invalid|incorrect|expired|revoked|missing|valid|no)\b.{0,20}\b(?:api[ _-]?key|credentials?|subscription key|access token)\b/i,
  /\bcredit balance\b|\binsufficient (?:balance|credits?|funds|quota)\b|\b(?:more|out of|any) credits\b|\bbilling\b|\b(?:spend(?:ing)?|usage) (?:limit|cap)s?\b|\bpayment (?:method|required)\b|\bcurrent quota\b|\bquota (?:exceeded|limit)\b/i,
  /\b(?:your|our) (?:\w+ )?(?:account|organi[sz]ation|project|workspace|team|subscription|plan|quota|tier|balance|credits?|region|location|country|ip)\b/i,
  /\b(?:do|does)(?: not|n't) have (?:access|permission)\b|\bnot authorized\b|\baccess denied\b|\bpermission denied\b|\bno access to\b/i,
  /\brate limit (?:reached|exceeded)\b|\b(?:tokens|requests) per (?:min(?:ute)?|day|hour)\b/i,
  /\bdeployment\b.{0,40}\bdoes not exist\b/i,
  /\b(?:location|country|region|territory)\b.{0,30}\bnot (?:supported|available|allowed)\b/i,
];

/** What is said of the client's own words is the client's. */
const ABOUT_CONTENT =
  /\bflagged\b|\bmoderation\b|\bcontent (?:policy|filter|management|violates)|\b(?:usage|safety) (?:guidelines|policy|policies|check)|\bcontent_(?:filter|policy)/i;

/** Whether an error is about our key, account, organization, balance or limits at a provider, and no concern of the client's. */
export function isAboutOurAccount({ message, type, code }: ProviderError): boolean {
  const said = withoutQuotes(message ?? "");
  if (WORDS.some((words) => words.test(said))) return true;
  if (ABOUT_CONTENT.test(said)) return false;
  return [type, code].some((name) => name !== null && CODES.test(name));
}

/** Whether a provider says that what the client has sent is not to be answered, which some do with a 403. */
export function isAboutContent(error: ProviderError): boolean {
  return ABOUT_CONTENT.test(`${error.message} ${error.code}`) && !isAboutOurAccount(error);
}

/** What stands in quotes is quoted from the request: a function may be called 'get_billing'. */
const withoutQuotes = (text: string) =>
  text.slice(0, 4_000).replace(/(?<!\w)'[^']{0,200}'(?!\w)|"[^"]{0,200}"|`[^`]{0,200}`/g, "''");
