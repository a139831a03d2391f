/** Views as the dataset's side names them: it leans on the model's side, which leans on the engine. */
export { drawView, packView, viewLength, type View } from '../engine/view';
