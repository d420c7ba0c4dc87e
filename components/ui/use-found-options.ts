"use client";

import { useEffect, useRef, useState } from "react";
import type { Option } from "./select";

const PAUSE_MS = 200;

type Found = {
  options: readonly Option[];
  /** What to say about them; null if they speak for themselves. */
  status: string | null;
};

/** The options that contain a text. They follow the text after a pause, and stay until newer ones are there. */
export function useFoundOptions(text: string, find: (search: string) => Promise<Option[]>): Found {
  const [found, setFound] = useState<Found>({ options: [], status: "Searching…" });
  const latestFind = useRef(find);
  latestFind.current = find;
  const isFirst = useRef(true);
  useEffect(() => {
    let isOutdated = false;
    const search = async () => {
      const answer = await latestFind
        .current(text)
        .then((options) => ({ options, status: options.length === 0 ? "No matches." : null }))
        .catch(() => ({ options: [], status: "The search failed. Please try again." }));
      if (!isOutdated) setFound(answer);
    };
    const timer = setTimeout(search, isFirst.current ? 0 : PAUSE_MS);
    isFirst.current = false;
    return () => {
      isOutdated = true;
      clearTimeout(timer);
    };
  }, [text]);
  return found;
}
