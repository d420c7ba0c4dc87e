/**
 * OpenAI's models since GPT-5.6, by a part of their name in lower case: they read pictures whole, and bill what they
 * write to a cache a quarter above other input. Azure's older name for GPT-3.5 has its number without a point.
 */
const SINCE_GPT_5_6 = "gpt-(?:5\\.(?:[6-9]|\\d\\d)|[6-9]|(?!35)\\d\\d(?!\\d)|daybreak)";

export const GPT_SINCE_5_6 = new RegExp(SINCE_GPT_5_6);
/** The smaller ones of them. */
export const SMALL_GPT_SINCE_5_6 = new RegExp(`${SINCE_GPT_5_6}[^/]*-(?:luna|mini|nano)`);
