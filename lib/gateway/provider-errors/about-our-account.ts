import type { ProviderError } from "./error-body";

/** Error codes and types about a key, an account, its balance or its limits. */
const CODES =
  /api_?key|quota|billing|balance|credit|account|organization|project_|subscription|permission|authenti|auth_?fail|unauthorized|access_(?:denied|terminated)|rate_limit|resource_exhausted|(?:country|region)_|ip_not|deployment_?not_?found|budget|arrearage|unrecognizedclient|^invalid_token$|team_model/i;

/** Messages about the same. None of them can be about what a client has sent. */
const MESSAGES: readonly RegExp[] = [
  /\bapi[ _-]?key\b.{0,30}\b(?:not valid|invalid|expired|revoked|disabled|blocked|not found|missing|leaked|suspended)\b/i,
  /\b(?:invalid|incorrect|expired|revoked|missing|valid|no)\b.{0,20}\b(?:api[ _-]?key|credentials?|subscription key|(?:access|security|bearer|auth|authentication|proxy server) token)\b/i,
  /\b(?:access|security|bearer|auth|authentication) token\b.{0,40}\b(?:invalid|expired|revoked|missing)\b|\bauthentication ?error\b/i,
  /\bcredit balance\b|\binsufficient (?:balance|credits?|funds|quota)\b|\b(?:more|out of|any) credits\b|\bbilling\b|\b(?:spend(?:ing)?|usage) (?:limit|cap)s?\b|\bpayment (?:method|required)\b|\bcurrent quota\b|\bquota (?:exceeded|limit)\b|\b(?:key|user|account|team|project) (?:limit|quota)\b.{0,20}\b(?:exceeded|exhausted|reached|enough)\b|\b(?:over|exceeded) ?budget\b|\bbudget\b.{0,20}\bexceeded\b/i,
  /\b(?:your|our) (?:\w+ )?(?:account|organi[sz]ation|project|workspace|team|subscription|plan|quota|tier|balance|credits?|api[ _-]?key|region|location|country|ip)\b/i,
  /\b(?:account|consumer|project|organi[sz]ation|tenant|key|deployment|resource)\b.{0,80}\b(?:suspended|deactivated|banned|(?:allow|white)listed|disabled)\b|\binvalid organi[sz]ation\b|\bmember of an organi[sz]ation\b|\btenant\b.{0,60}\btoken\b/i,
  /\b(?:do|does)(?: not|n't) have (?:access|permission)\b|\bnot authorized\b|\baccess (?:denied|terminated|revoked)\b|\bpermission denied\b|\bno access to\b/i,
  /\brate limit (?:reached|exceeded)\b|\b(?:tokens|requests) per (?:min(?:ute)?|day|hour)\b/i,
  /\bdeployment\b.{0,40}\bdoes not exist\b/i,
  /\b(?:location|country|region|territory)\b.{0,30}\bnot (?:supported|available|allowed)\b/i,
  // One API and its forks; a proxy whose own connection failed.
  /额度|余额|欠费|令牌.{0,20}(?:无效|过期|用尽|禁用|状态)|无效的令牌/,
  /\bdial tcp\b|\bconnection refused\b|\bno such host\b|\bECONN(?:REFUSED|RESET)\b|\bgetaddrinfo\b/i,
];

/** Errors about the client's content are for the client. */
const ABOUT_CONTENT =
  /\bflagged\b|\bmoderation\b|\bcontent (?:policy|filter|management|violates)|\b(?:usage|safety) (?:guidelines|policy|policies|check)|\bcontent_(?:filter|policy)/i;

/** Whether an error is about our key, account, organization, balance or limits at a provider, not about the request. */
export function isAboutOurAccount({ message, type, code }: ProviderError): boolean {
  const text = withoutQuotes(message ?? "");
  if (MESSAGES.some((pattern) => pattern.test(text))) return true;
  if (ABOUT_CONTENT.test(text)) return false;
  return [type, code].some((name) => name !== null && CODES.test(name));
}

/** Whether the provider's content policy rejects what the client has sent, which some providers report with a 403. */
export function isAboutContent(error: ProviderError): boolean {
  return ABOUT_CONTENT.test(`${error.message} ${error.code}`) && !isAboutOurAccount(error);
}

/** Removes quoted text, which comes from the request: a function may be called 'get_billing'. */
export const withoutQuotes = (text: string) =>
  text.slice(0, 4_000).replace(/(?<!\w)'[^']{0,200}'(?!\w)|"[^"]{0,200}"|`[^`]{0,200}`/g, "''");
