from django.urls import path

from flags.views import confirm, home, wall

urlpatterns = [
    path("", home.home, name="home"),
    path("flags/", wall.flag_wall, name="flag_wall"),
    path("confirm/", confirm.confirm_list, name="confirm_list"),
    path("confirm/<int:pk>/", confirm.confirm_shift, name="confirm_shift"),
]
