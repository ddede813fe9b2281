/** The part of `vader-sentiment` that we use; the package brings no types. */
declare module 'vader-sentiment' {
  const vader: {
    SentimentIntensityAnalyzer: {
      /** `pos`, `neu`, `neg`: shares of the words, 0 to 1. `compound`: -1 to 1. */
      polarity_scores(text: string): { pos: number; neu: number; neg: number; compound: number };
    };
  };
  export = vader;
}
