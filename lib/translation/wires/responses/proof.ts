/** Reasoning as OpenAI takes it back: its id and its encrypted form. A client carries both as one seal. */
export type Proof = { id: string | null; encrypted: string };

const SEPARATOR = ".";
const ID = /^rs_\w+$/;

export const proofData = ({ id, encrypted }: Proof): string =>
  id === null || !ID.test(id) ? encrypted : `${id}${SEPARATOR}${encrypted}`;

export function proofOf(data: string): Proof {
  const at = data.indexOf(SEPARATOR);
  const id = data.slice(0, Math.max(0, at));
  return ID.test(id) ? { id, encrypted: data.slice(at + 1) } : { id: null, encrypted: data };
}
