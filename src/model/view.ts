/** Views as the dataset's side names them: it leans on the model's side, which leans on the engine. */
export { drawView, packView, type View } from '../engine/view';
