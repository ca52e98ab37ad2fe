from django.urls import path

from tasks.views import claim, task, wish, wish_publishing, wish_time, wish_triage

urlpatterns = [
    path("c/<str:code>/wish/", wish.wish_new, name="wish_new"),
    path("track/", wish.wish_track, name="wish_track"),
    path("track/<str:number>/", wish.wish_tracked, name="wish_tracked"),
    path("track/<str:number>/answer/", wish.wish_answer, name="wish_answer"),
    path("wishes/", wish_triage.wish_queue, name="wish_queue"),
    path("wishes/<int:pk>/", wish_triage.wish, name="wish"),
    path("wishes/<int:pk>/accept/", wish_triage.wish_accept, name="wish_accept"),
    path("wishes/<int:pk>/decline/", wish_triage.wish_decline, name="wish_decline"),
    path("wishes/<int:pk>/publish/", wish_publishing.wish_publish, name="wish_publish"),
    path("wishes/publish/", wish_publishing.wishes_publish, name="wishes_publish"),
    path("wishes/late/", wish_time.wishes_late, name="wishes_late"),
    path("wishes/board/", wish_time.wishes_board, name="wishes_board"),
    path("tasks/", task.task_list, name="task_list"),
    path("tasks/new/", task.task_new, name="task_new"),
    path("tasks/<int:pk>/", task.task, name="task"),
    path("tasks/<int:pk>/widen/", task.task_widen, name="task_widen"),
    path("tasks/<int:pk>/cancel/", task.task_cancel, name="task_cancel"),
    path("shifts/<int:pk>/claim/", claim.shift_claim, name="shift_claim"),
    path("claims/", claim.claims, name="claims"),
    path("claims/<int:pk>/withdraw/", claim.claim_withdraw, name="claim_withdraw"),
]
