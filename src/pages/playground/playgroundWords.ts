import { create } from 'zustand';

interface PlaygroundWords {
  /** What pictures are searched for. */
  readonly query: string;
  /** What a picture is asked. */
  readonly question: string;
  readonly setQuery: (query: string) => void;
  readonly setQuestion: (question: string) => void;
}

/** The words typed in the Playground: they are there again after a look at another page. */
export const usePlaygroundWords = create<PlaygroundWords>()((set) => ({
  query: '',
  question: '',
  setQuery: (query) => set({ query }),
  setQuestion: (question) => set({ question }),
}));
