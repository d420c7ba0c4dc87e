/** What identifies a user in `x-user-oid`, without spaces around it. */
export const EXTERNAL_ID = /^[\x20-\x7e]{1,200}$/;

/** Whether a text can be one. */
export const isExternalId = (text: string): boolean => EXTERNAL_ID.test(text) && text.trim() === text;
