import { formatUsd, parseUsd } from "#lib/credit/money";

/** The database's `numeric` text ("0.012300000000") in the shape of the API ("0.0123"). */
export const usdText = (numeric: string | null): string => formatUsd(parseUsd(numeric ?? "0"));
